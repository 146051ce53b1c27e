package delivery

import (
	"io"
	"log"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/manifest"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// startRegistry starts an OCI registry on the loopback address and returns the
// reference under which charts are pushed to it.
func startRegistry(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	return "oci://" + strings.TrimPrefix(server.URL, "http://") + "/charts"
}

// pack packages a chart and returns the package's path.
func pack(t *testing.T, h *helmbin.Helm, chart string, args ...string) string {
	t.Helper()
	folder := t.TempDir()
	_, err := helmbin.Output(t.Context(), h.Options(t), "package", append([]string{chart, "--destination", folder}, args...)...)
	require.NoError(t, err)
	packages, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
	require.NoError(t, err)
	require.Len(t, packages, 1)
	return packages[0]
}

func TestRendersFromARegistry(t *testing.T) {
	chart, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		charts := startRegistry(t)
		_, err := helmbin.Output(t.Context(), h.Options(t), "push", pack(t, h, project.Chart()), charts, "--plain-http")
		require.NoError(t, err)

		out, err := helmbin.Output(t.Context(), h.Options(t), "template", charts+"/istio-egress",
			"--version", chart.Version(), "--plain-http", "--values", example("istio-task", "values.yaml"))
		require.NoError(t, err)
		assert.Equal(t, manifest.Documents(read(t, example("istio-task", "rendered.yaml"))), manifest.Documents(string(out)))

		_, err = helmbin.Output(t.Context(), h.Options(t), "template", charts+"/istio-egress", "--version", "99.0.0", "--plain-http")
		assert.Error(t, err, "a version that nobody pushed")
	})
}
