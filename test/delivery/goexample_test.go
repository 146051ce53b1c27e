package delivery

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/build"
)

// runGoExample builds examples/go as a module of its own and runs it.
func runGoExample(t *testing.T, args ...string) (string, error) {
	t.Helper()
	path, err := build.Command{Name: "egress-tenants", Package: ".", Module: example("go")}.Build(t.Context())
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Env = append(os.Environ(), "KUBECONFIG="+filepath.Join(t.TempDir(), "no-cluster"))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestGoExampleRendersEveryTenant(t *testing.T) {
	output := filepath.Join(t.TempDir(), "manifests")
	out, err := runGoExample(t, "-tenants", example("go", "tenants.json"), "-output-dir", output)
	require.NoError(t, err, out)
	assert.Equal(t, "team-a: 8 objects\nteam-b: 4 objects\n", out)

	chart, err := render.Load()
	require.NoError(t, err)
	result, err := chart.Render(map[string]any{
		"exportTo": []any{"."},
		"externalNameServices": map[string]any{"search": map[string]any{
			"externalName": "search.example.com",
			"ports":        []any{map[string]any{"name": "http", "port": 80, "targetPort": 443}},
			"tls":          map[string]any{"mode": "SIMPLE"},
		}},
	}, render.Options{ReleaseName: "egress", Namespace: "team-b"})
	require.NoError(t, err)
	assert.Equal(t, string(result.Manifest()), read(t, filepath.Join(output, "team-b.yaml")))
}

func TestGoExampleNamesEveryTenantWithWrongValues(t *testing.T) {
	tenants := filepath.Join(t.TempDir(), "tenants.json")
	require.NoError(t, os.WriteFile(tenants, []byte(`[
		{"namespace": "team-a", "apis": {"payments": "Payments.example.com"}},
		{"namespace": "team-b", "apis": {"search": "search.example.com"}},
		{"namespace": "team-c", "apis": {"maps": "192.0.2.1"}}
	]`), 0o600))
	out, err := runGoExample(t, "-tenants", tenants)
	require.Error(t, err)
	assert.Contains(t, out, "tenant team-a: ")
	assert.NotContains(t, out, "team-b")
	assert.Contains(t, out, "tenant team-c: ")
}

// Names of tenants come from elsewhere: none leads out of the folder, and nor does what lies in the folder.
func TestGoExampleStaysInItsFolder(t *testing.T) {
	const host = `"apis": {"search": "search.example.com"}}`
	for name, want := range map[string]string{
		`"../outside"`: `namespace "../outside": no name that Kubernetes takes`,
		`"/outside"`:   "no name that Kubernetes takes",
		`"linked"`:     "escapes",
	} {
		folder := t.TempDir()
		output, outside := filepath.Join(folder, "manifests"), filepath.Join(folder, "outside.yaml")
		tenants := filepath.Join(folder, "tenants.json")
		require.NoError(t, os.Mkdir(output, 0o750))
		require.NoError(t, os.Symlink(outside, filepath.Join(output, "linked.yaml")))
		require.NoError(t, os.WriteFile(tenants, []byte(`[{"namespace": `+name+`, `+host+`]`), 0o600))
		out, err := runGoExample(t, "-tenants", tenants, "-output-dir", output)
		require.Error(t, err)
		assert.Contains(t, out, want)
		assert.NoFileExists(t, outside)
	}
}

// What a program imports must not drag in what only the project's tests need.
func TestGoExampleStaysSlim(t *testing.T) {
	modules := read(t, example("go", "go.mod"))
	for _, heavy := range []string{"istio.io/istio ", "terratest", "argo-cd"} {
		assert.NotContains(t, modules, heavy)
	}
}
