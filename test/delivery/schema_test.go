package delivery

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

// What editors are told of the schema leads to it, and the schema tells them what is deprecated.
func TestEditorsFindTheSchema(t *testing.T) {
	var schema struct {
		ID   string `json:"$id"`
		Defs map[string]struct {
			If   struct{ Const string }
			Then struct {
				Deprecated         bool
				DeprecationMessage string
			}
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(project.Chart(), "values.schema.json"))), &schema))
	for _, document := range []string{"README.md", "docs/install.md"} {
		assert.Contains(t, read(t, filepath.Join(project.Root(), document)), "# yaml-language-server: $schema="+schema.ID+"\n", document)
	}
	kind := schema.Defs["endpointsKind"]
	assert.Equal(t, "Endpoints", kind.If.Const)
	assert.True(t, kind.Then.Deprecated)
	assert.NotEmpty(t, kind.Then.DeprecationMessage)
}
