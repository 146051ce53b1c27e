package position

import "strconv"

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
