//go:build e2e

package live

import (
	"io"
	"log"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/gruntwork-io/terratest/modules/helm"
	"github.com/gruntwork-io/terratest/modules/k8s"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// oldVersion is a version before this one, which knew fewer values.
const oldVersion = "0.0.1"

// oldChart is the chart as it might have been at oldVersion: the last values are not there yet.
func oldChart(t *testing.T, version string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "istio-egress")
	require.NoError(t, os.CopyFS(folder, os.DirFS(project.Chart())))

	metadata := filepath.Join(folder, "Chart.yaml")
	content, err := os.ReadFile(metadata)
	require.NoError(t, err)
	old := strings.Replace(string(content), "\nversion: "+version+"\n", "\nversion: "+oldVersion+"\n", 1)
	require.NotEqual(t, string(content), old)
	require.NoError(t, os.WriteFile(metadata, []byte(old), 0o600))

	values := filepath.Join(folder, "values.yaml")
	content, err = os.ReadFile(values)
	require.NoError(t, err)
	first, _, found := strings.Cut(string(content), "\nclusterDomain:")
	require.True(t, found)
	require.NoError(t, os.WriteFile(values, []byte(first+"\n"), 0o600))
	return folder
}

// push packages charts and pushes them to a registry on the loopback address.
func push(t *testing.T, options *helm.Options, charts ...string) (reference string) {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	repository := "oci://" + strings.TrimPrefix(server.URL, "http://") + "/charts"
	for _, chart := range charts {
		folder := t.TempDir()
		_, err := helmbin.Output(t.Context(), options, "package", chart, "--destination", folder)
		require.NoError(t, err)
		packages, err := filepath.Glob(filepath.Join(folder, "*.tgz"))
		require.NoError(t, err)
		require.Len(t, packages, 1)
		_, err = helmbin.Output(t.Context(), options, "push", packages[0], repository, "--plain-http")
		require.NoError(t, err)
	}
	return repository + "/istio-egress"
}

// live reads the objects of an example, in another namespace.
func live(t *testing.T, example project.Example, namespace string) []*unstructured.Unstructured {
	t.Helper()
	out, err := project.Render(t, "-f", example.Values, "-n", namespace, "--release-name", "egress")
	require.NoError(t, err)
	client, err := control.Client(cluster.Admin)
	require.NoError(t, err)
	var objects []*unstructured.Unstructured
	for _, object := range split(t, string(out)) {
		current, err := client.Get(t.Context(), object)
		require.NoError(t, err)
		objects = append(objects, current)
	}
	return objects
}

func TestInstallAndUpgradeFromARegistry(t *testing.T) {
	chart, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	example := project.Examples(t)[0]
	for _, candidate := range project.Examples(t) {
		if candidate.Name == "istio-task" {
			example = candidate
		}
	}
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		namespace := "registry-" + h.Name
		require.NoError(t, control.CreateNamespace(t.Context(), namespace))
		options := h.Options(t)
		options.KubectlOptions = k8s.NewKubectlOptions("", control.Kubeconfig(cluster.Admin), namespace)
		reference := push(t, options, oldChart(t, chart.Version()), project.Chart())
		release := func(command, version string, args ...string) {
			t.Helper()
			args = append([]string{"egress", reference, "--version", version, "--plain-http",
				"--namespace", namespace, "--kubeconfig", control.Kubeconfig(cluster.Admin)}, args...)
			_, err := helmbin.Output(t.Context(), options, command, args...)
			require.NoError(t, err)
		}
		check := func(version string) {
			t.Helper()
			for _, object := range live(t, example, namespace) {
				assert.Equal(t, "istio-egress-"+version, object.GetLabels()["helm.sh/chart"], "%s %s", object.GetKind(), object.GetName())
			}
		}

		release("install", oldVersion, "--values", example.Values)
		check(oldVersion)
		before := live(t, example, namespace)

		release("upgrade", chart.Version(), "--reuse-values")
		check(chart.Version())
		for i, object := range live(t, example, namespace) {
			assert.Equal(t, before[i].Object["spec"], object.Object["spec"], "%s %s", object.GetKind(), object.GetName())
		}
	})
}
