package manifests

import (
	"maps"
	"slices"
	"strconv"
)

// Fields of objects, read leniently: a missing field and one of another type are both the zero value.

func text(fields map[string]any, name string) string {
	value, _ := fields[name].(string)
	return value
}

func child(fields map[string]any, name string) map[string]any {
	value, _ := fields[name].(map[string]any)
	return value
}

func children(fields map[string]any, name string) []map[string]any {
	items, _ := fields[name].([]any)
	found := make([]map[string]any, len(items))
	for i, item := range items {
		found[i], _ = item.(map[string]any)
	}
	return found
}

func texts(fields map[string]any, name string) []string {
	items, _ := fields[name].([]any)
	var found []string
	for _, item := range items {
		if value, ok := item.(string); ok {
			found = append(found, value)
		}
	}
	return found
}

func number(fields map[string]any, name string) int {
	switch value := fields[name].(type) {
	case int:
		return value
	case int64:
		return int(value)
	case uint64:
		return int(value)
	case float64:
		return int(value)
	case string: // not a number for Kubernetes, which is reported, but meant to be one
		if number, err := strconv.Atoi(value); err == nil {
			return number
		}
	}
	return 0
}

func has(fields map[string]any, name string) bool { return fields[name] != nil }

func sortedKeys(fields map[string]any) []string { return slices.Sorted(maps.Keys(fields)) }

// unique leaves out what occurred before.
func unique(values []string) []string {
	var found []string
	seen := map[string]bool{}
	for _, value := range values {
		if !seen[value] {
			seen[value] = true
			found = append(found, value)
		}
	}
	return found
}
