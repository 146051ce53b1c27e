package render

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// inline writes a field with its value as YAML on one line.
func inline(field string, value any) string { return field + ": " + flow(value) }

// firstFields are those of an entry and of a port that people write first.
var firstFields = []string{"name", "namespace", "externalName", "addresses", "port", "targetPort"}

// flow writes a value as YAML on one line.
func flow(value any) string {
	switch v := value.(type) {
	case string:
		if isBareText(v) {
			return v
		}
		return fmt.Sprintf("%q", v)
	case []any:
		items := make([]string, len(v))
		for i, item := range v {
			items[i] = flow(item)
		}
		return "[" + strings.Join(items, ", ") + "]"
	case map[string]any:
		var fields []string
		for _, key := range fieldOrder(v) {
			fields = append(fields, inline(key, v[key]))
		}
		return "{" + strings.Join(fields, ", ") + "}"
	}
	return literal(value)
}

func fieldOrder(fields map[string]any) []string {
	var keys []string
	for _, key := range firstFields {
		if _, exists := fields[key]; exists {
			keys = append(keys, key)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys
}

func isScalar(value any) bool {
	switch value.(type) {
	case []any, map[string]any:
		return false
	}
	return true
}

// literal writes a scalar as JSON does, and a string without quotes.
func literal(value any) string {
	if value == nil {
		return "null"
	}
	if s, ok := value.(string); ok {
		return s
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
}
