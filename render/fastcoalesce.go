package render

// coalesce overlays the chart's defaults with the user's values, for a chart without dependencies. The result shares
// nothing with the arguments, because templates may write to it.
//
// exact is false where Helm would have something to say: of a table against a value that is none, of which the user's
// wins, or of values that are not of the types that YAML decodes to, for which there is no result.
func coalesce(values, defaults map[string]any) (coalesced map[string]any, exact bool) {
	coalesced, ok := copyValues(values)
	if !ok {
		return nil, false
	}
	own, ok := copyValues(defaults)
	if !ok {
		return nil, false
	}
	exact = true
	for key, value := range own {
		given, exists := coalesced[key]
		switch {
		case !exists:
			coalesced[key] = value
		case given == nil: // null removes a default
			delete(coalesced, key)
		default:
			exact = overlay(given, value, false) && exact
		}
	}
	return coalesced, exact
}

// overlay completes the user's value, when it is a table, with a table of defaults. At the top level Helm lets the
// user's scalar pass for a table without a word.
func overlay(given, value any, nested bool) (exact bool) {
	table, isTable := given.(map[string]any)
	defaults, isDefaultTable := value.(map[string]any)
	switch {
	case isTable && isDefaultTable:
		return overlayTable(table, defaults)
	case isTable:
		return value == nil
	}
	return !nested || !isDefaultTable
}

func overlayTable(table, defaults map[string]any) (exact bool) {
	exact = true
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
			exact = overlay(given, value, true) && exact
		}
	}
	return exact
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
	case nil, string, bool, float64, int64:
		return v, true
	case map[string]any:
		return copyValues(v)
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			var ok bool
			if copied[i], ok = copyValue(item); !ok {
				return nil, false
			}
		}
		return copied, true
	}
	return nil, false
}
