package render_test

import (
	"encoding/json"
	"io/fs"
	"slices"
	"testing"

	"github.com/istio-egress/istio-egress/charts"
)

// What one field asks of another is explained by the description beside it, in the schema's "then": messages end in it.
func TestConditionsOfTheSchemaHaveDescriptions(t *testing.T) {
	data, err := fs.ReadFile(charts.IstioEgress(), "values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	conditions := conditionsOf(schema)
	if len(conditions) == 0 {
		t.Fatal("the schema has no conditions")
	}
	for _, then := range conditions {
		for _, field := range fieldsOf(then) {
			properties, _ := then["properties"].(map[string]any)
			property, _ := properties[field].(map[string]any)
			if property["description"] == nil {
				t.Errorf("%s in %v has no description", field, then)
			}
		}
	}
}

// conditionsOf returns the "then" of every "if" about fields, and not about types alone.
func conditionsOf(schema any) []map[string]any {
	var found []map[string]any
	switch node := schema.(type) {
	case []any:
		for _, item := range node {
			found = append(found, conditionsOf(item)...)
		}
	case map[string]any:
		if condition, ok := node["if"].(map[string]any); ok && condition["properties"] != nil {
			for _, branch := range []string{"then", "else"} {
				if then, ok := node[branch].(map[string]any); ok {
					found = append(found, then)
				}
			}
		}
		for _, value := range node {
			found = append(found, conditionsOf(value)...)
		}
	}
	return found
}

// fieldsOf are the fields that a schema requires or limits.
func fieldsOf(schema map[string]any) []string {
	var fields []string
	required, _ := schema["required"].([]any)
	for _, field := range required {
		fields = append(fields, field.(string))
	}
	properties, _ := schema["properties"].(map[string]any)
	for field := range properties {
		if !slices.Contains(fields, field) {
			fields = append(fields, field)
		}
	}
	return fields
}
