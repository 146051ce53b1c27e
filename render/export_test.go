package render

import (
	"reflect"
	"strings"
	"testing"
)

// SchemaFields tells for every field that values.schema.json has whether the Go types have it too.
func SchemaFields(t *testing.T) map[string]map[string]bool {
	t.Helper()
	chart, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	doc := chart.prepared.explainer.doc
	all := map[string]map[string]bool{}
	for location, value := range map[string]any{
		"#":                           Values{},
		"#/properties/test":           Test{},
		"#/$defs/externalNameService": ExternalNameService{},
		"#/$defs/endpointService":     EndpointService{},
		"#/$defs/port":                Port{},
		"#/$defs/tls":                 TLS{},
		"#/$defs/trafficPolicy":       TrafficPolicy{},
		"#/$defs/workloadSelector":    WorkloadSelector{},
		"#/$defs/retries":             Retries{},
	} {
		names := doc.properties(doc.at(location))
		if len(names) == 0 {
			t.Fatalf("the schema has no fields at %s", location)
		}
		inGo := jsonNames(reflect.TypeOf(value))
		all[location] = map[string]bool{}
		for _, name := range names {
			if location == "#" && name == "enabled" {
				continue // a parent chart's switch for this chart as its dependency
			}
			all[location][name] = inGo[name]
		}
	}
	return all
}

func jsonNames(structure reflect.Type) map[string]bool {
	names := map[string]bool{}
	for _, field := range reflect.VisibleFields(structure) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names[name] = true
	}
	return names
}
