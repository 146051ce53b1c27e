package render

// coalesce overlays the chart's defaults with the user's values, for a chart without dependencies. The result shares
// nothing with the arguments, because templates may write to it.
//
// Where Helm would warn, of a table against something that is none, it leaves the answer to Helm.
func coalesce(values, defaults map[string]any) (map[string]any, error) {
	copied, ok := copyValues(values)
	if !ok {
		return nil, errLeaveToHelm
	}
	own, ok := copyValues(defaults)
	if !ok {
		return nil, errLeaveToHelm
	}
	for key, value := range own {
		given, exists := copied[key]
		switch {
		case !exists:
			copied[key] = value
		case given == nil: // null removes a default
			delete(copied, key)
		default:
			if !overlay(given, value) {
				return nil, errLeaveToHelm
			}
		}
	}
	return copied, nil
}

// overlay completes a table of the user with a table of defaults.
func overlay(given, value any) bool {
	table, isTable := given.(map[string]any)
	defaults, isDefaultTable := value.(map[string]any)
	switch {
	case isTable && isDefaultTable:
		return overlayTable(table, defaults)
	case isTable:
		return value == nil
	}
	return true
}

func overlayTable(table, defaults map[string]any) bool {
	for key, value := range defaults {
		given, exists := table[key]
		switch {
		case !exists:
			table[key] = value
		case given == nil:
			if value != nil {
				delete(table, key)
			}
		default:
			_, isTable := given.(map[string]any)
			if _, isDefaultTable := value.(map[string]any); isDefaultTable && !isTable || !overlay(given, value) {
				return false
			}
		}
	}
	return true
}

// copyValues copies values of the types that YAML and JSON decode to. It returns false when there is another one.
func copyValues(values map[string]any) (map[string]any, bool) {
	copied := make(map[string]any, len(values))
	for key, value := range values {
		item, ok := copyValue(value)
		if !ok {
			return nil, false
		}
		copied[key] = item
	}
	return copied, true
}

func copyValue(value any) (any, bool) {
	switch v := value.(type) {
	case nil, string, bool, float64, int, int64:
		return v, true
	case map[string]any:
		if v == nil {
			return nil, false
		}
		return copyValues(v)
	case []any:
		return copyList(v)
	}
	return nil, false
}

func copyList(list []any) (any, bool) {
	if list == nil {
		return nil, false
	}
	copied := make([]any, len(list))
	for i, item := range list {
		var ok bool
		if copied[i], ok = copyValue(item); !ok {
			return nil, false
		}
	}
	return copied, true
}
