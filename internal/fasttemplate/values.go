package fasttemplate

import (
	"maps"
	"slices"
	"strconv"
)

// Struct stands in the data for a struct of Go, such as .Chart. Its fields can be read; one that it does not have is an
// [ErrUnsupported], and so is all else that is done with it.
type Struct map[string]any

func fieldOf(v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		return v[name]
	case *record:
		return v.get(name)
	case map[string]string:
		return v[name]
	case Struct:
		if value, ok := v[name]; ok {
			return value
		}
	}
	panic(unsupported("the field %s of %T", name, v))
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
	case []string:
		return len(v) > 0
	case int:
		return v != 0
	case int64:
		return v != 0
	case float64:
		return v != 0
	}
	panic(unsupported("the truth of %T", v))
}

// printValue prints as text/template does, which writes "<no value>" for what is not there.
func printValue(out *buffer, v any) {
	switch v := v.(type) {
	case nil:
		out.writeString("<no value>")
	case string:
		out.writeString(v)
	case int:
		out.writeInt(int64(v))
	case int64:
		out.writeInt(v)
	case bool:
		out.writeString(strconv.FormatBool(v))
	default:
		panic(unsupported("printing %T", v))
	}
}

// sortedMap is a map as range sees it.
type sortedMap struct {
	keys   []string
	values []any
}

func sortMap(m map[string]any) sortedMap {
	s := sortedMap{keys: slices.AppendSeq(make([]string, 0, len(m)), maps.Keys(m)), values: make([]any, len(m))}
	slices.Sort(s.keys)
	for i, key := range s.keys {
		s.values[i] = m[key]
	}
	return s
}
