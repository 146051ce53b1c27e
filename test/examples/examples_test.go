// Package examples tests every folder of examples/ under the real helm commands.
package examples

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gruntwork-io/terratest/modules/helm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/manifest"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

func TestHelm3RendersTheFileInTheExample(t *testing.T) {
	for _, example := range project.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			out, err := helmbin.Output(t.Context(), helmbin.Helm3.Options(t), "template", project.Chart(), "--values", example.Values)
			require.NoError(t, err)
			golden.Equal(t, example.Rendered, string(out))
		})
	}
}

func TestHelm4RendersTheSameDocuments(t *testing.T) {
	for _, example := range project.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			want, err := os.ReadFile(example.Rendered)
			require.NoError(t, err)
			options := helmbin.Helm4.Options(t)
			options.ValuesFiles = []string{example.Values}
			got := helm.RenderTemplateContext(t, t.Context(), options, project.Chart(), "release-name", nil)
			assert.Equal(t, manifest.Documents(string(want)), manifest.Documents(got))
		})
	}
}

func TestLintIsStrictlyClean(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		for _, example := range project.Examples(t) {
			t.Run(example.Name, func(t *testing.T) {
				out, err := helm.RunHelmCommandAndGetOutputContextE(t, t.Context(), h.Options(t),
					"lint", "--strict", project.Chart(), "--values", example.Values)
				assert.NoError(t, err, out)
				assert.NotContains(t, out, "[WARNING]")
			})
		}
	})
}

// The notes are what helm install shows last. helm 3 shows none without a
// cluster, so render stands for it here: its notes come from helm 3's engine.
func TestInstallShowsNotes(t *testing.T) {
	for _, example := range project.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			path := filepath.Join("testdata", example.Name+".notes.txt")

			out, err := helmbin.Output(t.Context(), helmbin.Helm4.Options(t),
				"install", "egress", project.Chart(), "--dry-run=client", "--values", example.Values)
			require.NoError(t, err)
			_, notes, found := strings.Cut(string(out), "\nNOTES:\n")
			require.True(t, found, "helm install shows no notes:\n%s", out)
			golden.Equal(t, path, strings.TrimSpace(notes)+"\n")

			out, err = project.Render(t, "--notes", "--release-name", "egress", "-f", example.Values)
			require.NoError(t, err)
			golden.Equal(t, path, strings.TrimSpace(string(out))+"\n")
		})
	}
}

// The notes are stored with the release, so they show a few dozen warnings, and say how many more there are.
func TestNotesShowSomeOfManyWarnings(t *testing.T) {
	for warnings, more := range map[int]string{40: "", 41: "\nand 1 more: render lint shows all", 100: "\nand 60 more: render lint shows all"} {
		var values strings.Builder
		values.WriteString("externalNameServices:\n")
		for i := range warnings {
			fmt.Fprintf(&values, "  open-%d: {externalName: host-%d.example.com, serviceType: ExternalName, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}\n", i, i)
		}
		file := filepath.Join(t.TempDir(), "values.yaml")
		require.NoError(t, os.WriteFile(file, []byte(values.String()), 0o600))
		out, err := project.Render(t, "--notes", "-f", file)
		require.NoError(t, err)
		_, notes, _ := strings.Cut(string(out), "WARNING: ")
		assert.Equal(t, min(warnings, 40), 1+strings.Count(notes, "WARNING: "))
		assert.Equal(t, more != "", strings.Contains(notes, "render lint shows all"))
		assert.Contains(t, notes, more)
	}
}

func TestEveryExampleSaysWhenOneWantsIt(t *testing.T) {
	for _, example := range project.Examples(t) {
		readme, err := os.ReadFile(filepath.Join(filepath.Dir(example.Values), "README.md"))
		require.NoError(t, err)
		title, text, _ := strings.Cut(string(readme), "\n")
		assert.Regexp(t, `^# \w`, title, example.Name)
		assert.NotEmpty(t, strings.TrimSpace(text), example.Name)
	}
}
