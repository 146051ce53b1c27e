package objects_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	istionetworking "istio.io/client-go/pkg/apis/networking/v1"
	istiosecurity "istio.io/client-go/pkg/apis/security/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	kubernetesscheme "k8s.io/client-go/kubernetes/scheme"
)

// kind is a kind of object with its Go type.
type kind struct {
	id schema.GroupVersionKind
	as reflect.Type
}

// allKinds are those of Kubernetes and Istio, without Istio's lists, whose items are decoded leniently.
func allKinds() []kind {
	scheme := kruntime.NewScheme()
	for _, add := range []func(*kruntime.Scheme) error{
		kubernetesscheme.AddToScheme, istionetworking.AddToScheme, istiosecurity.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			panic(err)
		}
	}
	var kinds []kind
	for id, as := range scheme.AllKnownTypes() {
		istioList := strings.HasSuffix(id.Group, ".istio.io") && strings.HasSuffix(id.Kind, "List")
		if id.Version != kruntime.APIVersionInternal && !istioList {
			kinds = append(kinds, kind{id, as})
		}
	}
	slices.SortFunc(kinds, func(a, b kind) int { return strings.Compare(a.id.String(), b.id.String()) })
	return kinds
}

// sampler makes values of a type, with here and there one of another.
type sampler struct {
	*rand.Rand
	wrong float64 // the share of other values
}

// object is the YAML of an object.
func (s sampler) object(k kind) string {
	fields, _ := s.structure(k.as, 0).(map[string]any)
	fields["apiVersion"], fields["kind"] = k.id.GroupVersion().String(), k.id.Kind
	return flow(fields)
}

// word is a plain word of YAML.
type word string

var otherValues = []any{
	nil, true, false, 5, -1, 1.5, 3e10, 1 << 40, 1e300, "", "text", "5", "-5", "1.5", "true", "null", "5s", "1m30s", "5x", "aGk=", "2006-01-02T15:04:05Z", "500m", "DNS",
	[]any{}, []any{nil}, []any{"a", 5}, map[string]any{}, map[string]any{"x": nil}, map[string]any{"a.b/c": []any{1}},
	word("yes"), word("off"), word("0443"), word("1_000"), word("0x10"), word("~"), word(".nan"), word("-.inf"), word("2006-01-02"), word("80.0"), word("-0"), word("1e2"), word("<<"),
}

func (s sampler) value(as reflect.Type, depth int) any {
	if s.Float64() < s.wrong {
		return otherValues[s.IntN(len(otherValues))]
	}
	if as.Kind() == reflect.Pointer {
		as = as.Elem()
	}
	switch empty := reflect.New(as).Interface().(type) {
	case proto.Message:
		return s.message(empty.ProtoReflect().Descriptor(), depth)
	case json.Unmarshaler:
		return s.pick("2006-01-02T15:04:05Z", "500m", 5, map[string]any{"a": 1}, "2006-01-02T15:04:05.000000Z")
	}
	switch as.Kind() {
	case reflect.Struct:
		return s.structure(as, depth)
	case reflect.Map:
		return map[string]any{s.pick("a", "b.c/d").(string): s.value(as.Elem(), depth+1)}
	case reflect.Slice:
		if as.Elem().Kind() == reflect.Uint8 {
			return "aGk="
		}
		return s.list(func() any { return s.value(as.Elem(), depth+1) })
	case reflect.String:
		return s.pick("a", "", "b c", "yes", "<é>\n", "5")
	case reflect.Bool:
		return s.IntN(2) == 0
	case reflect.Float32, reflect.Float64:
		return s.Float64()
	default:
		return s.IntN(100)
	}
}

func (s sampler) structure(as reflect.Type, depth int) any {
	fields := map[string]any{}
	for field := range as.Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		switch {
		case name == "" && field.Anonymous:
			embedded, _ := s.structure(field.Type, depth).(map[string]any)
			maps.Copy(fields, embedded)
		case name != "" && name != "-" && s.takes(depth):
			fields[s.name(name)] = s.value(field.Type, depth+1)
		}
	}
	return fields
}

func (s sampler) message(message protoreflect.MessageDescriptor, depth int) any {
	switch {
	case message.FullName() == "google.protobuf.Duration":
		return s.pick("5s", "1m", "1h30m", "0.5s")
	case message.FullName() == "google.protobuf.Timestamp":
		return "2006-01-02T15:04:05Z"
	case message.FullName().Parent() == "google.protobuf":
		return s.field(message.Fields().ByName("value"), depth)
	}
	fields, chosen := map[string]any{}, map[protoreflect.FullName]bool{}
	for i := range message.Fields().Len() {
		field := message.Fields().Get(i)
		if oneof := field.ContainingOneof(); oneof != nil {
			if chosen[oneof.FullName()] && s.Float64() >= s.wrong {
				continue
			}
			chosen[oneof.FullName()] = true
		}
		if !s.takes(depth) {
			continue
		}
		item := func() any { return s.field(field, depth+1) }
		switch name := s.name(field.JSONName()); {
		case field.IsMap() && field.MapKey().Kind() == protoreflect.StringKind:
			fields[name] = map[string]any{"a": s.field(field.MapValue(), depth+1)}
		case field.IsMap():
			fields[name] = map[string]any{s.pick("8080", "80").(string): s.field(field.MapValue(), depth+1)}
		case field.IsList():
			fields[name] = s.list(item)
		default:
			fields[name] = item()
		}
	}
	return fields
}

func (s sampler) field(field protoreflect.FieldDescriptor, depth int) any {
	if s.Float64() < s.wrong {
		return otherValues[s.IntN(len(otherValues))]
	}
	switch {
	case field.Message() != nil:
		return s.message(field.Message(), depth)
	case field.Enum() != nil:
		return string(field.Enum().Values().Get(s.IntN(field.Enum().Values().Len())).Name())
	}
	switch field.Kind() {
	case protoreflect.StringKind:
		return s.pick("a", "", "b c", "yes", "5")
	case protoreflect.BytesKind:
		return "aGk="
	case protoreflect.BoolKind:
		return s.IntN(2) == 0
	case protoreflect.DoubleKind, protoreflect.FloatKind:
		return s.Float64()
	default:
		return s.IntN(100)
	}
}

func (s sampler) pick(values ...any) any { return values[s.IntN(len(values))] }

func (s sampler) takes(depth int) bool { return depth < 9 && s.IntN(2+depth) < 2 }

// name is mistyped as rarely as values are.
func (s sampler) name(name string) string {
	if s.Float64() < s.wrong/4 {
		return s.pick("x"+name, strings.ToUpper(name), name[1:]+"_").(string)
	}
	return name
}

func (s sampler) list(item func() any) any {
	items := []any{}
	for range s.IntN(3) {
		items = append(items, item())
	}
	return items
}

// flow writes a value as YAML in brackets.
func flow(value any) string {
	switch value := value.(type) {
	case word:
		return string(value)
	case map[string]any:
		var entries []string
		for _, key := range slices.Sorted(maps.Keys(value)) {
			entries = append(entries, fmt.Sprintf("%s: %s", flow(key), flow(value[key])))
		}
		return "{" + strings.Join(entries, ", ") + "}"
	case []any:
		var items []string
		for _, item := range value {
			items = append(items, flow(item))
		}
		return "[" + strings.Join(items, ", ") + "]"
	}
	data, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(data)
}
