package objects

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kjson "sigs.k8s.io/json"

	"github.com/istio-egress/istio-egress/position"
)

// goValue reads what Kubernetes decodes into a Go type, for which null is as good as no value.
func (r *reader) goValue(node position.Node, at position.Path, as reflect.Type) (any, bool) {
	if node.Kind() == position.Null {
		return nil, true
	}
	if as.Kind() == reflect.Pointer {
		as = as.Elem()
	}
	switch empty := reflect.New(as).Interface().(type) {
	case proto.Message:
		return r.message(node, at, empty.ProtoReflect().Descriptor())
	case json.Unmarshaler:
		return r.scalar(node, at, as)
	}
	switch {
	case as.Kind() == reflect.Struct:
		types := fieldTypes(as)
		return r.entries(node, at, func(name string, value position.Node, at position.Path) (any, bool) {
			if types[name] == nil {
				return r.unknown(at, name, slices.Sorted(maps.Keys(types)))
			}
			return r.goValue(value, at, types[name])
		})
	case as.Kind() == reflect.Map:
		return r.entries(node, at, func(_ string, value position.Node, at position.Path) (any, bool) {
			return r.goValue(value, at, as.Elem())
		})
	case as.Kind() == reflect.Slice && as.Elem().Kind() != reflect.Uint8:
		return r.items(node, at, func(item position.Node, at position.Path) (any, bool) {
			return r.goValue(item, at, as.Elem())
		})
	}
	return r.scalar(node, at, as)
}

// fieldTypes returns the types of a struct's fields by their names in JSON. Those of an embedded struct without a name are
// its own.
func fieldTypes(structure reflect.Type) map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for field := range structure.Fields() {
		switch name, _, _ := strings.Cut(field.Tag.Get("json"), ","); {
		case name == "" && field.Anonymous:
			maps.Copy(types, fieldTypes(field.Type))
		case name != "" && name != "-":
			types[name] = field.Type
		}
	}
	return types
}

// scalar reads what JSON reads into a Go type.
func (r *reader) scalar(node position.Node, at position.Path, as reflect.Type) (any, bool) {
	value := node.Value()
	if data, err := json.Marshal(value); err == nil && decodes(data, as) { // JSON has no infinite numbers
		return value, true
	}
	text, isText := node.Text()
	switch {
	case named[as] != "":
		return r.refuse(node, at, "%s is no %s", describe(node), named[as])
	case isText && (isNumber(as) || as.Kind() == reflect.Bool) && decodes([]byte(text), as):
		return r.refuse(node, at, "%q is text, and Kubernetes takes %s only: remove the quotes", text, wanted(as))
	case node.Kind() == position.Number && isNumber(as):
		return r.refuse(node, at, "%v does not fit here: write %s", value, limits(as))
	case as.Kind() == reflect.String && (node.Kind() == position.Number || node.Kind() == position.Bool):
		return r.wrong(node, at, "text, in quotes")
	}
	return r.wrong(node, at, wanted(as))
}

func decodes(data []byte, as reflect.Type) bool {
	return string(data) != "null" && kjson.UnmarshalCaseSensitivePreserveInts(data, reflect.New(as).Interface()) == nil
}

// named are types of text with a form of its own.
var named = map[reflect.Type]string{
	reflect.TypeFor[metav1.Time]():       "time: write one such as 2006-01-02T15:04:05Z",
	reflect.TypeFor[metav1.MicroTime]():  "time: write one such as 2006-01-02T15:04:05.000000Z",
	reflect.TypeFor[metav1.Duration]():   "duration: write one such as 5s, 1m30s or 100ms",
	reflect.TypeFor[resource.Quantity](): "quantity: write one such as 500m or 1Gi",
}

func wanted(as reflect.Type) string {
	switch {
	case as.Kind() == reflect.String:
		return "text"
	case as.Kind() == reflect.Bool:
		return "true or false"
	case isNumber(as):
		return "a number"
	case as.Kind() == reflect.Slice:
		return "text in base64"
	}
	return "a value of another type"
}

func isNumber(as reflect.Type) bool { return as.Kind() >= reflect.Int && as.Kind() <= reflect.Float64 }

// limits says which numbers a type holds.
func limits(as reflect.Type) string {
	switch {
	case as.Kind() <= reflect.Int64:
		most := int64(math.MaxInt64) >> (64 - as.Bits())
		return fmt.Sprintf("a whole number from %d to %d", -most-1, most)
	case as.Kind() <= reflect.Uint64:
		return fmt.Sprintf("a whole number from 0 to %d", uint64(math.MaxUint64)>>(64-as.Bits()))
	}
	return "a number"
}
