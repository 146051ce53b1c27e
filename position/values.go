package position

import (
	"maps"
	"slices"
	"strconv"
)

// Lookup returns the value at a path of values, nil where there is none.
func Lookup(values any, path Path) any {
	for _, segment := range path {
		switch parent := values.(type) {
		case map[string]any:
			if segment.List {
				return nil
			}
			values = parent[segment.Key]
		case []any:
			if !segment.List || segment.Index >= len(parent) {
				return nil
			}
			values = parent[segment.Index]
		default:
			return nil
		}
	}
	return values
}

// Put returns values with another value at a path, and nil to remove what is there. Maps on the way come into being, and an
// index behind the end of a list appends. The values themselves do not change.
func Put(values any, path Path, value any) any {
	if len(path) == 0 {
		return value
	}
	step, rest := path[0], path[1:]
	if step.List {
		list, _ := values.([]any)
		return putInList(slices.Clone(list), step.Index, rest, value)
	}
	fields, _ := values.(map[string]any)
	fields = maps.Clone(fields)
	if fields == nil {
		fields = map[string]any{}
	}
	if len(rest) == 0 && value == nil {
		delete(fields, step.Key)
		return fields
	}
	fields[step.Key] = Put(fields[step.Key], rest, value)
	return fields
}

func putInList(list []any, index int, rest Path, value any) any {
	switch {
	case index >= len(list):
		return append(list, Put(nil, rest, value))
	case len(rest) == 0 && value == nil:
		return slices.Delete(list, index, index+1)
	}
	list[index] = Put(list[index], rest, value)
	return list
}

// Pointer reads the steps of a JSON pointer: the same step is an index in a list and a key in a map.
func Pointer(values any, steps []string) Path {
	path := make(Path, 0, len(steps))
	for _, step := range steps {
		segment := Key(step)
		if list, ok := values.([]any); ok {
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(list) {
				segment = Index(i)
			}
		}
		path = append(path, segment)
		values = Lookup(values, Path{segment})
	}
	return path
}
