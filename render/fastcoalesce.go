package render

import (
	"maps"

	"github.com/istio-egress/istio-egress/internal/fasttemplate"
)

// coalesce overlays the chart's defaults with the user's values, for a chart without dependencies. The arguments are not
// changed; the result shares parts with them and must not be changed either.
//
// exact is false where Helm would have something to say: of a table against a value that is none, of which the user's
// wins.
func coalesce(values, defaults map[string]any) (coalesced map[string]any, exact bool) {
	return overlay(values, defaults, false)
}

// overlay completes a table of the user with a table of defaults. A null removes a default. Within tables, Helm keeps the
// null where the default is null too, and warns of a scalar in place of a table, which it lets pass at the top.
func overlay(table, defaults map[string]any, nested bool) (completed map[string]any, exact bool) {
	completed, exact = make(map[string]any, len(table)+len(defaults)), true
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
			own, isTable := given.(map[string]any)
			other, isDefaultTable := value.(map[string]any)
			switch {
			case isTable && isDefaultTable:
				both, ok := overlay(own, other, true)
				completed[key], exact = both, exact && ok
			case isTable:
				exact = exact && value == nil
			case isDefaultTable:
				exact = exact && !nested
			}
		}
	}
	return completed, exact
}

// protectValues protects all maps of the values. It returns false when there is a type that YAML and JSON do not decode to.
func protectValues(guard *fasttemplate.Guard, value any) bool {
	switch v := value.(type) {
	case nil, string, bool, float64, int64:
		return true
	case map[string]any:
		guard.Protect(v)
		for _, item := range v {
			if !protectValues(guard, item) {
				return false
			}
		}
		return true
	case []any:
		for _, item := range v {
			if !protectValues(guard, item) {
				return false
			}
		}
		return true
	}
	return false
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
