package chart

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// README.md is made of values.yaml and values.schema.json by helm-docs.
func TestReadmeIsUpToDate(t *testing.T) {
	helmDocs, err := build.Command{
		Name:    "helm-docs",
		Package: "github.com/norwoodj/helm-docs/cmd/helm-docs",
		Module:  filepath.Join(project.Root(), "ci", "tools", "helm-docs"),
	}.Build(t.Context())
	require.NoError(t, err)

	cmd := exec.CommandContext(t.Context(), helmDocs,
		"--chart-search-root", project.Chart(), "--dry-run", "--skip-version-footer", "--log-level", "warning")
	out, err := cmd.Output()
	require.NoError(t, err)
	golden.Equal(t, filepath.Join(project.Chart(), "README.md"), string(out))
}

// schemaNode is the part of a JSON schema that documents fields.
type schemaNode struct {
	Ref         string                 `json:"$ref"`
	Defs        map[string]*schemaNode `json:"$defs"`
	Description string                 `json:"description"`
	Properties  map[string]*schemaNode `json:"properties"`
}

func readSchema(t *testing.T) *schemaNode {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(project.Chart(), "values.schema.json"))
	require.NoError(t, err)
	schema := new(schemaNode)
	require.NoError(t, json.Unmarshal(content, schema))
	require.NotEmpty(t, schema.Properties)
	return schema
}

// fields calls visit for each field of the schema, with its name, its
// description and whether it is a field of trafficPolicy.
func (s *schemaNode) fields(visit func(name, description string, ofTrafficPolicy bool)) {
	var walk func(node *schemaNode, ofTrafficPolicy bool)
	walk = func(node *schemaNode, ofTrafficPolicy bool) {
		for name, field := range node.Properties {
			description := field.Description
			if definition := s.Defs[strings.TrimPrefix(field.Ref, "#/$defs/")]; description == "" && definition != nil {
				description = definition.Description
			}
			visit(name, description, ofTrafficPolicy)
			walk(field, ofTrafficPolicy)
		}
	}
	walk(s, false)
	for name, definition := range s.Defs {
		walk(definition, name == "trafficPolicy")
	}
}

func TestEveryFieldIsDescribedInTheSchema(t *testing.T) {
	readSchema(t).fields(func(name, description string, _ bool) {
		assert.NotEmpty(t, description, "%s has no description in values.schema.json", name)
	})
}

// The fields inside trafficPolicy are Istio's own; values.yaml shows some of them.
func TestEveryFieldHasAnExampleInValues(t *testing.T) {
	values, err := os.ReadFile(filepath.Join(project.Chart(), "values.yaml"))
	require.NoError(t, err)
	readSchema(t).fields(func(name, _ string, ofTrafficPolicy bool) {
		isReserved := strings.Contains(name, "/") // a label or annotation that users may not set
		if !ofTrafficPolicy && !isReserved {
			assert.Contains(t, string(values), name+":", "values.yaml shows no example of %s", name)
		}
	})
}
