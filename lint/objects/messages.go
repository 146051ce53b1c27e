package objects

import (
	"reflect"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/position"
)

// wellKnown are messages that have a form of their own in JSON, with a Go type that reads it as Istio and Kubernetes do.
var wellKnown = map[protoreflect.FullName]reflect.Type{
	"google.protobuf.Duration":  reflect.TypeFor[metav1.Duration](),
	"google.protobuf.Timestamp": reflect.TypeFor[metav1.Time](),
	"google.protobuf.Struct":    reflect.TypeFor[map[string]any](),
	"google.protobuf.ListValue": reflect.TypeFor[[]any](),
	"google.protobuf.Value":     reflect.TypeFor[any](),
}

// protobufNames are those that the schemas of Istio's kinds have, which Kubernetes goes by, beside the names in JSON.
var protobufNames = map[string]bool{"mirror_percent": true, "jwks_uri": true}

// message reads what Istio decodes into a protobuf message.
func (r *reader) message(node position.Node, at position.Path, message protoreflect.MessageDescriptor) (any, bool) {
	if as := wellKnown[message.FullName()]; as != nil {
		return r.goValue(node, at, as)
	}
	fields := message.Fields()
	if message.ParentFile().Path() == "google/protobuf/wrappers.proto" { // a number, text or boolean that can be absent
		return r.protobufValue(node, at, fields.ByName("value"))
	}
	chosen := map[protoreflect.FullName]string{}
	return r.entries(node, at, func(name string, value position.Node, at position.Path) (any, bool) {
		field := fields.ByJSONName(name)
		if field == nil && protobufNames[name] {
			field = fields.ByTextName(name)
		}
		switch {
		case field == nil:
			return r.unknown(at, name, namesOf(fields, protoreflect.FieldDescriptor.JSONName))
		case value.Kind() == position.Null:
			return nil, true
		}
		choice := field.FullName()
		if oneof := field.ContainingOneof(); oneof != nil {
			choice = oneof.FullName()
		}
		if other, exists := chosen[choice]; exists { // of the same choice, or by its other name
			r.add(at, "%s and %s exclude each other: remove one of them", other, name)
			return nil, false
		}
		chosen[choice] = name
		return r.protobufField(value, at, field)
	})
}

func (r *reader) protobufField(node position.Node, at position.Path, field protoreflect.FieldDescriptor) (any, bool) {
	switch {
	case field.IsMap():
		key := goTypes[field.MapKey().Kind()]
		return r.entries(node, at, func(name string, value position.Node, at position.Path) (any, bool) {
			if key.Kind() != reflect.String && !decodes([]byte(name), key) {
				r.add(at, "%q does not fit here: write %s", name, wanted(key))
				return nil, false
			}
			return r.protobufValue(value, at, field.MapValue())
		})
	case field.IsList():
		return r.items(node, at, func(item position.Node, at position.Path) (any, bool) {
			return r.protobufValue(item, at, field)
		})
	}
	return r.protobufValue(node, at, field)
}

func (r *reader) protobufValue(node position.Node, at position.Path, field protoreflect.FieldDescriptor) (any, bool) {
	text, isText := node.Text()
	switch {
	case node.Kind() == position.Null:
		return r.wrong(node, at, "a value")
	case field.Message() != nil:
		return r.message(node, at, field.Message())
	case field.Enum() != nil:
		return r.enumeration(node, at, field.Enum())
	case field.Kind() == protoreflect.Int64Kind && isText && decodes([]byte(text), goTypes[field.Kind()]):
		return text, true // as protobuf writes it; the schemas of Istio's kinds call it int-or-string
	}
	return r.scalar(node, at, goTypes[field.Kind()])
}

// goTypes read numbers as Kubernetes does, which takes none in quotes, while protobuf does.
var goTypes = map[protoreflect.Kind]reflect.Type{
	protoreflect.BoolKind:   reflect.TypeFor[bool](),
	protoreflect.Int32Kind:  reflect.TypeFor[int32](),
	protoreflect.Uint32Kind: reflect.TypeFor[uint32](),
	protoreflect.Int64Kind:  reflect.TypeFor[int64](),
	protoreflect.Uint64Kind: reflect.TypeFor[uint64](),
	protoreflect.FloatKind:  reflect.TypeFor[float32](),
	protoreflect.DoubleKind: reflect.TypeFor[float64](),
	protoreflect.StringKind: reflect.TypeFor[string](),
	protoreflect.BytesKind:  reflect.TypeFor[[]byte](),
}

func (r *reader) enumeration(node position.Node, at position.Path, enum protoreflect.EnumDescriptor) (any, bool) {
	text, isText := node.Text()
	if isText && enum.Values().ByName(protoreflect.Name(text)) != nil {
		return text, true
	}
	names := namesOf(enum.Values(), func(value protoreflect.EnumValueDescriptor) string { return string(value.Name()) })
	meant, near := words.Nearest(strings.ToUpper(text), names)
	if !near {
		meant = words.List(names, "or")
	}
	return r.refuse(node, at, "%s is none of the values of this field: write %s", describe(node), meant)
}

func namesOf[T any](list interface {
	Len() int
	Get(i int) T
}, name func(T) string) []string {
	names := make([]string, list.Len())
	for i := range names {
		names[i] = name(list.Get(i))
	}
	return names
}
