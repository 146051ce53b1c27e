package render

import "maps"

// coalesce overlays the chart's defaults with the user's values, for a chart without dependencies. The arguments are not
// changed; the result shares parts with them and must not be changed either.
//
// ok is false where Helm would have something to say: of a table against a value that is none, of which the user's wins.
func coalesce(values, defaults map[string]any) (coalesced map[string]any, ok bool) {
	return overlay(values, defaults, false)
}

// overlay completes a table of the user with a table of defaults. A null removes a default. Within tables, Helm keeps the
// null where the default is null too, and warns of a scalar in place of a table, which it lets pass at the top.
func overlay(table, defaults map[string]any, nested bool) (completed map[string]any, ok bool) {
	completed, ok = make(map[string]any, len(table)+len(defaults)), true
	maps.Copy(completed, table)
	for key, value := range defaults {
		given, exists := table[key]
		switch {
		case !exists:
			completed[key] = value
		case given == nil:
			if !nested || value != nil {
				delete(completed, key)
			}
		default:
			givenTable, isTable := given.(map[string]any)
			defaultTable, isDefaultTable := value.(map[string]any)
			switch {
			case isTable && isDefaultTable:
				merged, mergedOK := overlay(givenTable, defaultTable, true)
				completed[key], ok = merged, ok && mergedOK
			case isTable:
				ok = ok && value == nil
			case isDefaultTable:
				ok = ok && !nested
			}
		}
	}
	return completed, ok
}

// copyValues copies values of the types that YAML and JSON decode to.
func copyValues(values map[string]any) map[string]any {
	copied := make(map[string]any, len(values))
	for key, value := range values {
		copied[key] = copyValue(value)
	}
	return copied
}

func copyValue(value any) any {
	switch v := value.(type) {
	case map[string]any:
		return copyValues(v)
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = copyValue(item)
		}
		return copied
	}
	return value
}
