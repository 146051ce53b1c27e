// Package chart tests the chart as a whole under the real helm commands: lint,
// package, forms of values, use as a subchart.
package chart

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gruntwork-io/terratest/modules/helm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/manifest"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// template renders the chart and returns its documents.
func template(t *testing.T, options *helm.Options, chart string, args ...string) []string {
	t.Helper()
	out, err := helm.RenderTemplateContextE(t, t.Context(), options, chart, "release-name", nil, args...)
	require.NoError(t, err)
	return manifest.Documents(out)
}

func writeFile(t *testing.T, path, content string) string {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func exampleValues(name string) string {
	return filepath.Join(project.Root(), "examples", name, "values.yaml")
}

func TestDefaultValuesLintAndRenderNothing(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		out, err := helm.RunHelmCommandAndGetOutputContextE(t, t.Context(), h.Options(t), "lint", "--strict", project.Chart())
		assert.NoError(t, err, out)
		assert.Empty(t, template(t, h.Options(t), project.Chart()))
	})
}

// helm lint lets a template's "fail" pass; the chart does not.
func TestLintFailsForWrongValues(t *testing.T) {
	for text, want := range map[string]string{
		"externalNameServices: [{nam: my-httpbin}]\n": "additional properties 'nam' not allowed",
		"externalNameServices: [{name: a, externalName: A.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}]\n": `no template "these values are refused: - externalNameServices[0].externalName: \"A.example.com\" has upper-case letters`,
	} {
		values := writeFile(t, filepath.Join(t.TempDir(), "values.yaml"), text)
		helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
			out, err := helm.RunHelmCommandAndGetOutputContextE(t, t.Context(), h.Options(t), "lint", project.Chart(), "--values", values)
			require.Error(t, err)
			assert.Contains(t, strings.ReplaceAll(out, `\"`, `"`), strings.ReplaceAll(want, `\"`, `"`))
		})
	}
}

func TestPackageRendersLikeTheFolder(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		options := h.Options(t)
		destination := t.TempDir()
		_, err := helm.RunHelmCommandAndGetOutputContextE(t, t.Context(), options, "package", project.Chart(), "--destination", destination)
		require.NoError(t, err)
		packages, err := filepath.Glob(filepath.Join(destination, "istio-egress-*.tgz"))
		require.NoError(t, err)
		require.Len(t, packages, 1)

		options.ValuesFiles = []string{exampleValues("istio-task")}
		assert.Equal(t, template(t, options, project.Chart()), template(t, options, packages[0]))

		readme, err := helm.RunHelmCommandAndGetStdOutContextE(t, t.Context(), options, "show", "readme", packages[0])
		require.NoError(t, err)
		assert.Contains(t, readme, "# istio-egress", "the package carries its README")
	})
}

// What a chart needs, what is generated from it, and nothing else: a stray file
// would be in every release's package.
func TestPackageHasOnlyTheChartsFiles(t *testing.T) {
	destination := t.TempDir()
	_, err := helm.RunHelmCommandAndGetOutputContextE(t, t.Context(), helmbin.Helm3.Options(t), "package", project.Chart(), "--destination", destination)
	require.NoError(t, err)
	for _, name := range packagedFiles(t, destination) {
		if strings.HasPrefix(name, "templates/") {
			assert.Regexp(t, `\.(yaml|tpl)$|^templates/NOTES\.txt$`, name)
			continue
		}
		assert.Contains(t, []string{"Chart.yaml", "LICENSE", "README.md", "values.yaml", "values.schema.json"}, name)
	}
}
