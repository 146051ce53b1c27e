package helmbin_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gruntwork-io/terratest/modules/helm"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
)

var modules = map[*helmbin.Helm]string{
	helmbin.Helm3: "helm.sh/helm/v3",
	helmbin.Helm4: "helm.sh/helm/v4",
}

func TestVersionIsTheRelease(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		release, err := build.ModuleVersion(t.Context(), "../..", modules[h])
		require.NoError(t, err)
		out, err := helm.RunHelmCommandAndGetStdOutContextE(t, t.Context(), h.Options(t), "version", "--template", "{{.Version}}")
		require.NoError(t, err)
		assert.Equal(t, release, out)
	})
}

// A chart with a kubeVersion must render without --kube-version, as with a released helm.
func TestDefaultKubeVersionIsTheRelease(t *testing.T) {
	chart := filepath.Join(t.TempDir(), "chart")
	require.NoError(t, os.MkdirAll(filepath.Join(chart, "templates"), 0o755))
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(chart, name), []byte(content), 0o600))
	}
	write("Chart.yaml", "apiVersion: v2\nname: chart\nversion: 0.1.0\nkubeVersion: \">=1.29.0-0\"\n")
	write("templates/version.yaml", "version: {{ .Capabilities.KubeVersion.Version }}\n")

	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		out, err := helmbin.Output(t.Context(), h.Options(t), "template", chart)
		require.NoError(t, err)
		assert.Regexp(t, `version: v1\.\d\d\.0\n`, string(out))
	})
}

func TestOutputCarriesWhatHelmSays(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		_, err := helmbin.Output(t.Context(), h.Options(t), "template", filepath.Join(t.TempDir(), "absent"))
		require.ErrorContains(t, err, "absent")
	})
}
