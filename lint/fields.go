package lint

import (
	"encoding/json"
	"maps"
	"slices"
)

// Fields of values, read leniently: a missing field and one of another type are both the zero value.

func text(fields map[string]any, name string) string {
	value, _ := fields[name].(string)
	return value
}

func object(fields map[string]any, name string) map[string]any {
	value, _ := fields[name].(map[string]any)
	return value
}

func list(fields map[string]any, name string) []any {
	value, _ := fields[name].([]any)
	return value
}

func texts(fields map[string]any, name string) []string {
	var values []string
	for _, item := range list(fields, name) {
		if value, ok := item.(string); ok {
			values = append(values, value)
		}
	}
	return values
}

func number(fields map[string]any, name string) int {
	switch value := fields[name].(type) {
	case float64:
		return int(value)
	case int64:
		return int(value)
	case int:
		return value
	case json.Number:
		whole, _ := value.Int64()
		return int(whole)
	}
	return 0
}

func sortedKeys[V any](fields map[string]V) []string { return slices.Sorted(maps.Keys(fields)) }

func withoutNulls(fields map[string]any) map[string]any {
	set := map[string]any{}
	for key, value := range fields {
		if value != nil {
			set[key] = value
		}
	}
	return set
}
