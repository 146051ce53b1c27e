package render

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// The lists of fields in templates/_fields.tpl, for values whose schema was skipped, are those of the schema.
func TestFieldListsAreTheSchema(t *testing.T) {
	chart := loadEmbeddedChart(t)
	root := map[string]any{}
	if _, err := chart.prepared.engine.(*compiledEngine).execute(t.Context(), "istio-egress.fields", root); err != nil {
		t.Fatal(err)
	}
	lists := root["fields"].(map[string]any)
	doc := chart.prepared.explainer.doc
	for name, location := range map[string]string{
		"values":               "#",
		"test":                 "#/properties/test",
		"externalNameServices": "#/$defs/externalNameService",
		"endpointServices":     "#/$defs/endpointService",
		"externalHosts":        "#/$defs/externalHosts",
		"ports":                "#/$defs/port",
		"tls":                  "#/$defs/tls",
		"workloadSelector":     "#/$defs/workloadSelector",
		"allowFrom":            "#/$defs/allowFrom",
		"egressGateway":        "#/properties/egressGateway",
		"waypoint":             "#/properties/waypoint",
		"policy":               "#/properties/policy",
		"retries":              "#/$defs/retries",
		"trafficPolicy":        "#/$defs/trafficPolicy",
	} {
		list, _ := lists[name].(map[string]any)
		delete(lists, name)
		schema := doc.at(location)
		properties := doc.properties(schema)
		if got := slices.Sorted(maps.Keys(list)); !slices.Equal(got, properties) {
			t.Errorf("the fields of %s are %v, and in the schema %v", name, got, properties)
			continue
		}
		for _, property := range properties {
			want := kindsOf(doc.resolve(doc.property(schema, property)))
			if got := withoutUses(list[property].(string)); got != want {
				t.Errorf("the kinds of %s.%s are %q, and in the schema %q", name, property, got, want)
			}
		}
	}
	if len(lists) > 0 {
		t.Errorf("not compared with the schema: %v", lists)
	}
}

// withoutUses leaves out what the lists say of fields besides their kinds.
func withoutUses(kinds string) string {
	return strings.NewReplacer(" verifies", "", " client", "", " file", "").Replace(kinds)
}

// kindsOf are the types of a schema as the templates' kindOf calls them, null aside.
func kindsOf(schema map[string]any) string {
	if schema["enum"] != nil {
		return "string"
	}
	types, several := schema["type"].([]any)
	if !several {
		types = []any{schema["type"]}
	}
	names := map[any]string{"string": "string", "boolean": "bool", "object": "map", "array": "slice", "integer": "float64 int64 int"}
	var kinds []string
	for _, name := range types {
		if name != "null" {
			kinds = append(kinds, names[name])
		}
	}
	return strings.Join(kinds, " ")
}
