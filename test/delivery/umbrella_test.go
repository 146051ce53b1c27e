package delivery

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gruntwork-io/terratest/modules/helm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// umbrella copies the parent chart beside the chart it depends on, as helm
// writes the dependencies into it, and fetches them.
func umbrella(t *testing.T, h *helmbin.Helm) string {
	t.Helper()
	root := t.TempDir()
	parent := filepath.Join(root, "examples", "umbrella", "platform")
	require.NoError(t, os.CopyFS(parent, os.DirFS(example("umbrella", "platform"))))
	require.NoError(t, os.CopyFS(filepath.Join(root, "charts", "istio-egress"), os.DirFS(project.Chart())))
	_, err := helmbin.Output(t.Context(), h.Options(t), "dependency", "update", parent)
	require.NoError(t, err)
	return parent
}

func TestUmbrellaRendersBothTeams(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		parent := umbrella(t, h)
		out, err := helmbin.Output(t.Context(), h.Options(t), "template", "platform", parent)
		require.NoError(t, err)
		for _, team := range []string{"payments", "search"} {
			assert.Contains(t, string(out), "# Source: platform/charts/"+team+"/templates/service.yaml")
			assert.Contains(t, string(out), "namespace: \""+team+"\"")
		}
		_, err = helm.RunHelmCommandAndGetOutputContextE(t, t.Context(), h.Options(t), "lint", "--strict", parent)
		assert.NoError(t, err)
	})
}

func TestUmbrellaWithoutOneTeam(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		out, err := helmbin.Output(t.Context(), h.Options(t), "template", "platform", umbrella(t, h), "--set", "search.enabled=false")
		require.NoError(t, err)
		assert.Contains(t, string(out), "acquirer.example.com")
		assert.NotContains(t, string(out), "index.example.com")
	})
}

func TestUmbrellaRefusesOneTeamsWrongValues(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		_, err := helmbin.Output(t.Context(), h.Options(t), "template", "platform", umbrella(t, h),
			"--set", "search.externalNameServices.index.tls.mode=SIMPLE")
		assert.ErrorContains(t, err, "externalNameServices.index")
		assert.ErrorContains(t, err, "[tls-twice]")
	})
}
