package delivery

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/markdown"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// Each entry that a recipe shows stands in an example, where it is rendered, linted, explained and called.
func TestRecipesAreEntriesOfExamples(t *testing.T) {
	inExamples := map[string]any{}
	for _, example := range project.Examples(t) {
		content, err := os.ReadFile(example.Values)
		require.NoError(t, err)
		maps.Copy(inExamples, mapEntries(t, string(content)))
	}
	blocks, err := markdown.Read(filepath.Join(project.Root(), "docs", "recipes.md"))
	require.NoError(t, err)
	shown := 0
	for _, block := range blocks {
		if block.Language != "yaml" || block.Is("manifest") {
			continue
		}
		for name, entry := range mapEntries(t, block.Text) {
			assert.Equal(t, inExamples[name], entry, "%s: %s is not as in examples/*/values.yaml", block.Place, name)
			shown++
		}
	}
	assert.Greater(t, shown, 15)
}

// mapEntries are the externalNameServices in the form of a map; a list has none.
func mapEntries(t *testing.T, text string) map[string]any {
	t.Helper()
	var values struct {
		ExternalNameServices any `json:"externalNameServices"`
	}
	require.NoError(t, yaml.Unmarshal([]byte(text), &values))
	entries, _ := values.ExternalNameServices.(map[string]any)
	return entries
}
