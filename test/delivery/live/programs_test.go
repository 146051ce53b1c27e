//go:build e2e

package live

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

func split(t *testing.T, manifests string) []*unstructured.Unstructured {
	t.Helper()
	objects, err := mesh.Split(manifests)
	require.NoError(t, err)
	require.NotEmpty(t, objects)
	untyped := make([]*unstructured.Unstructured, len(objects))
	for i, object := range objects {
		untyped[i] = object.Unstructured
	}
	return untyped
}

func TestGoExampleApplies(t *testing.T) {
	folder := filepath.Join(project.Root(), "examples", "go")
	for _, namespace := range []string{"team-a", "team-b"} {
		require.NoError(t, control.CreateNamespace(t.Context(), namespace))
	}
	path, err := build.Command{Name: "egress-tenants", Package: ".", Module: folder}.Build(t.Context())
	require.NoError(t, err)
	output := t.TempDir()
	tenants := filepath.Join(folder, "tenants.json")
	run := func(args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), path, append(args, "-tenants", tenants, "-output-dir", output)...)
		cmd.Env = append(os.Environ(), "KUBECONFIG="+control.Kubeconfig(cluster.Admin))
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	client, err := control.Client(cluster.Admin)
	require.NoError(t, err)

	run()
	services, err := client.List(t.Context(), "v1", "Service", "team-a")
	require.NoError(t, err)
	assert.Empty(t, services, "nothing is applied unless told so")

	run("-apply")
	for _, tenant := range []string{"team-a", "team-b"} {
		manifests, err := os.ReadFile(filepath.Join(output, tenant+".yaml"))
		require.NoError(t, err)
		for _, object := range split(t, string(manifests)) {
			_, err := client.Get(t.Context(), object)
			assert.NoError(t, err)
		}
	}

	// A tenant that is gone, and an object of somebody else beside it.
	others := &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
		"metadata": map[string]any{"name": "others", "namespace": "team-b"}, "spec": map[string]any{"host": "other.example.com"},
	}}
	require.NoError(t, client.Create(t.Context(), others.DeepCopy()))
	tenants = filepath.Join(t.TempDir(), "tenants.json")
	require.NoError(t, os.WriteFile(tenants, []byte(`[{"namespace": "team-a", "apis": {"payments": "payments.example.com"}}]`), 0o600))
	assert.NotContains(t, run("-apply"), "deleted", "nothing is deleted unless told so")
	assert.Contains(t, run("-apply", "-prune"), "deleted DestinationRule/team-b/search\n")
	left := map[string]int{}
	for _, namespace := range []string{"team-a", "team-b"} {
		for _, kind := range []string{"DestinationRule", "ServiceEntry", "VirtualService"} {
			objects, err := client.List(t.Context(), "networking.istio.io/v1", kind, namespace)
			require.NoError(t, err)
			left[namespace] += len(objects)
		}
	}
	assert.Equal(t, map[string]int{"team-a": 3, "team-b": 1}, left)
	_, err = client.Get(t.Context(), others)
	assert.NoError(t, err)
	assert.NotContains(t, run("-apply", "-prune"), "deleted", "what is applied stays")
}

// The test pod has to run where the strictest pod security standard is enforced.
func TestHelmTestPodIsAdmitted(t *testing.T) {
	client, err := control.Client(cluster.Admin)
	require.NoError(t, err)
	namespace := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace"}}
	namespace.SetName("restricted")
	namespace.SetLabels(map[string]string{"pod-security.kubernetes.io/enforce": "restricted"})
	require.NoError(t, client.Create(t.Context(), namespace))

	out, err := project.Render(t, "-n", "restricted", "--show-only", "templates/tests/test-aliases.yaml", "--set", "test.enabled=true",
		"--set-json", `externalNameServices.my-httpbin={"externalName":"httpbin.org","ports":[{"name":"http","port":80}],"tls":{"mode":"DISABLE"}}`)
	require.NoError(t, err)
	pods := split(t, string(out))
	require.Len(t, pods, 1)
	assert.NoError(t, client.Create(t.Context(), pods[0].DeepCopy(), metav1.DryRunAll))

	require.NoError(t, unstructured.SetNestedField(pods[0].Object, true, "spec", "hostNetwork"))
	assert.Error(t, client.Create(t.Context(), pods[0], metav1.DryRunAll), "the standard is enforced")
}
