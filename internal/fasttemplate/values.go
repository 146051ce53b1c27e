package fasttemplate

import (
	"bytes"
	"fmt"
	"reflect"
	"strconv"
	"text/template"
)

// stringMap returns a map with string keys, of whatever named type.
func stringMap(v any) map[string]any {
	if m, ok := v.(map[string]any); ok {
		return m
	}
	plain := reflect.TypeFor[map[string]any]()
	if v == nil || !reflect.TypeOf(v).AssignableTo(plain) {
		panic(notPlain("%T where a map is wanted", v))
	}
	return reflect.ValueOf(v).Convert(plain).Interface().(map[string]any)
}

// list returns the items of a list of any type.
func list(v any) (items []any, ok bool) {
	switch items := v.(type) {
	case []any:
		return items, true
	case map[string]any:
		return nil, false
	}
	value := reflect.ValueOf(v)
	if value.Kind() != reflect.Slice {
		return nil, false
	}
	items = make([]any, value.Len())
	for i := range items {
		items[i] = value.Index(i).Interface()
	}
	return items, true
}

// field returns a field of a value that is no map[string]any: of another map with string keys or of a struct. Methods
// are not plain, nor are fields of nil, which text/template refuses in some cases.
func field(v any, name string) any {
	if v == nil {
		panic(notPlain("%s of nil", name))
	}
	value := reflect.ValueOf(v)
	if value.MethodByName(name).IsValid() {
		panic(notPlain("the method %s of %T", name, v))
	}
	switch value.Kind() {
	case reflect.Map:
		key := reflect.ValueOf(name)
		if !key.Type().AssignableTo(value.Type().Key()) {
			panic(notPlain("%s of %T", name, v))
		}
		if found := value.MapIndex(key); found.IsValid() {
			return found.Interface()
		}
		return reflect.Zero(value.Type().Elem()).Interface()
	case reflect.Struct:
		structField, ok := value.Type().FieldByName(name)
		if !ok || !structField.IsExported() {
			panic(notPlain("%s of %T", name, v))
		}
		found, err := value.FieldByIndexErr(structField.Index)
		if err != nil {
			panic(err)
		}
		return found.Interface()
	default:
		panic(notPlain("%s of %T", name, v))
	}
}

func isTrue(v any) bool {
	switch v := v.(type) {
	case nil:
		return false
	case bool:
		return v
	case string:
		return v != ""
	case map[string]any:
		return len(v) > 0
	case []any:
		return len(v) > 0
	case int:
		return v != 0
	}
	truth, ok := template.IsTrue(v)
	if !ok {
		panic(notPlain("the truth of %T", v))
	}
	return truth
}

// printValue prints as fmt.Print does. text/template prints what is not there as "<no value>".
func printValue(out *bytes.Buffer, v any) {
	switch v := v.(type) {
	case nil:
		out.WriteString("<no value>")
	case string:
		out.WriteString(v)
	case int:
		var digits [20]byte
		out.Write(strconv.AppendInt(digits[:0], int64(v), 10))
	case bool:
		out.WriteString(strconv.FormatBool(v))
	default:
		printOther(out, v)
	}
}

func printOther(out *bytes.Buffer, v any) {
	switch reflect.TypeOf(v).Kind() {
	case reflect.Pointer, reflect.Chan, reflect.Func, reflect.Struct:
		panic(notPlain("printing %T", v)) // text/template looks behind pointers, and for methods
	default:
		fmt.Fprint(out, v)
	}
}
