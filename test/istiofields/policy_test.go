package istiofields

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/internal/istiofields"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// The chart warns of the fields of a traffic policy that the oldest version lacks, and of no others, and says since when.
func TestChartWarnsOfNewerFields(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(project.Chart(), "values.schema.json"))
	require.NoError(t, err)
	var schema struct {
		Defs definitions `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(data, &schema))
	chart, err := render.Load()
	require.NoError(t, err)
	newer := 0
	for _, path := range schema.Defs.paths(schema.Defs["trafficPolicy"], nil) {
		name := strings.Join(path, ".")
		since := istiofields.Since("DestinationRule", "spec.trafficPolicy."+name)
		sample := schema.Defs.sample(schema.Defs["trafficPolicy"], path)
		assert.Equal(t, since, sinceOfWarning(t, chart, name, sample), "trafficPolicy.%s", name)
		if since != "" {
			newer++
		}
	}
	assert.Positive(t, newer, "fields that are newer")
}

// sinceOfWarning is since when the field of a policy is known, by the chart's warning of it.
func sinceOfWarning(t *testing.T, chart *render.Chart, path string, policy any) string {
	t.Helper()
	values := map[string]any{"externalNameServices": []any{map[string]any{
		"name": "a", "externalName": "a.example.com", "ports": []any{map[string]any{"name": "http", "port": 80}},
		"tls": map[string]any{"mode": "DISABLE"}, "trafficPolicy": policy,
	}}}
	findings, err := chart.Findings(values, render.Options{})
	require.NoError(t, err)
	for _, finding := range findings {
		if finding.ID == "newer-istio" && finding.Path == "externalNameServices[0].trafficPolicy."+path {
			return finding.Since
		}
	}
	return ""
}

// definitions are those of a JSON schema.
type definitions map[string]node

type node struct {
	Ref        string          `json:"$ref"`
	Type       any             `json:"type"`
	Enum       []any           `json:"enum"`
	Properties map[string]node `json:"properties"`
}

// paths are those of all fields below a node.
func (d definitions) paths(n node, above []string) [][]string {
	var all [][]string
	for _, name := range slices.Sorted(maps.Keys(n.Properties)) {
		path := append(slices.Clone(above), name)
		all = append(all, path)
		all = append(all, d.paths(n.Properties[name], path)...)
	}
	return all
}

// sample is a value in which the field of a path is set, with all below it.
func (d definitions) sample(n node, path []string) any {
	if len(path) > 0 {
		return map[string]any{path[0]: d.sample(n.Properties[path[0]], path[1:])}
	}
	value := map[string]any{}
	for name, below := range n.Properties {
		value[name] = d.sample(below, nil)
	}
	kind, _ := n.Type.([]any)
	switch {
	case len(value) > 0:
		return value
	case len(n.Enum) > 0:
		return n.Enum[0]
	case n.Ref != "": // a duration
		return "30s"
	case slices.Contains(kind, any("boolean")):
		return true
	case slices.Contains(kind, any("string")):
		return "a"
	}
	return 1
}
