package delivery

import (
	"archive/tar"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/markdown"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// pluginArchive is the plugin as ci/release packs it.
func pluginArchive(t *testing.T) string {
	t.Helper()
	binary, err := build.Command{Name: "render", Package: "./cmd/render", Module: project.Root()}.Build(t.Context())
	require.NoError(t, err)
	path := filepath.Join(t.TempDir(), "helm-egress-"+metadata(t).Version+"-linux-amd64.tgz")
	file, err := os.Create(path)
	require.NoError(t, err)
	zipped := gzip.NewWriter(file)
	archive := tar.NewWriter(zipped)
	for name, source := range map[string]string{"plugin.yaml": filepath.Join(project.Root(), "helm-plugin", "plugin.yaml"), "render": binary} {
		content := read(t, source)
		require.NoError(t, archive.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(content))}))
		_, err = archive.Write([]byte(content))
		require.NoError(t, err)
	}
	require.NoError(t, archive.Close())
	require.NoError(t, zipped.Close())
	require.NoError(t, file.Close())
	return path
}

func TestPluginHasTheVersionOfTheChart(t *testing.T) {
	var plugin struct{ Version string }
	require.NoError(t, yaml.Unmarshal([]byte(read(t, filepath.Join(project.Root(), "helm-plugin", "plugin.yaml"))), &plugin))
	assert.Equal(t, metadata(t).Version, plugin.Version)
}

func TestPluginRunsInBothHelms(t *testing.T) {
	archive := pluginArchive(t)
	server := httptest.NewServer(http.FileServer(http.Dir(filepath.Dir(archive))))
	t.Cleanup(server.Close)
	unpacked := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "tar", "-xzf", archive, "-C", unpacked).CombinedOutput()
	require.NoError(t, err, string(out))

	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		options := h.Options(t)
		delete(options.EnvVars, "HELM_NAMESPACE")
		args := []string{"install", unpacked}
		if h == helmbin.Helm4 {
			args = []string{"install", "--verify=false", server.URL + "/" + filepath.Base(archive)}
		}
		_, err := helmbin.Output(t.Context(), options, "plugin", args...)
		require.NoError(t, err)

		out, err := helmbin.Output(t.Context(), options, "egress", "lint", "-f", example("istio-task", "values.yaml"))
		require.NoError(t, err)
		assert.Contains(t, string(out), "no problems")
		out, err = helmbin.Output(t.Context(), options, "egress", "lint", "-f", wrongValues(t))
		require.Error(t, err)
		assert.Contains(t, string(out)+err.Error(), "A.example.com")

		out, err = helmbin.Output(t.Context(), options, "egress", "--namespace", "team-a", "-f", example("istio-task", "values.yaml"))
		require.NoError(t, err)
		assert.Contains(t, string(out), "  namespace: \"team-a\"\n", "helm keeps -n for itself, and tells the plugin by HELM_NAMESPACE")
	})
}

// The commands of docs/install.md unpack the archive where helm finds it.
func TestPluginIsInstalledAsTheDocumentsSay(t *testing.T) {
	archive := pluginArchive(t)
	blocks, err := markdown.Read(filepath.Join(project.Root(), "docs", "install.md"))
	require.NoError(t, err)
	at := slices.IndexFunc(blocks, func(b markdown.Block) bool { return b.Language == "sh" && strings.Contains(b.Text, "HELM_PLUGINS") })
	require.GreaterOrEqual(t, at, 0)
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		folder, bin := filepath.Dir(archive), t.TempDir()
		require.NoError(t, os.Symlink(h.Path(t), filepath.Join(bin, "helm")))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "values.yaml"), []byte(read(t, example("istio-task", "values.yaml"))), 0o600))
		script := exec.CommandContext(t.Context(), "bash", "-euc", blocks[at].Text)
		script.Dir = folder
		script.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "HELM_DATA_HOME="+t.TempDir())
		out, err := script.CombinedOutput()
		require.NoError(t, err, string(out))
		assert.Contains(t, string(out), "no problems")
	})
}
