//go:build e2e

package install

import (
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/gruntwork-io/terratest/modules/helm"
	"github.com/gruntwork-io/terratest/modules/k8s"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

const releaseName = "egress"

// kinds are those that the chart may render.
var kinds = []struct{ apiVersion, kind string }{
	{"v1", "Service"},
	{"v1", "Endpoints"},
	{"discovery.k8s.io/v1", "EndpointSlice"},
	{"networking.istio.io/v1", "ServiceEntry"},
	{"networking.istio.io/v1", "DestinationRule"},
	{"networking.istio.io/v1", "VirtualService"},
	{"networking.istio.io/v1", "Gateway"},
	{"security.istio.io/v1", "AuthorizationPolicy"},
}

// release is a helm release in a namespace of its own.
type release struct {
	t         *testing.T
	helm      *helmbin.Helm
	user      cluster.User
	namespace string
}

// namespaces counts those that were made: no two tests share one.
var namespaces atomic.Int32

// newRelease makes a namespace for a release that the user installs.
func newRelease(t *testing.T, h *helmbin.Helm, user cluster.User) *release {
	t.Helper()
	name := fmt.Sprintf("test-%d", namespaces.Add(1))
	require.NoError(t, control.CreateNamespace(t.Context(), name))
	return &release{t: t, helm: h, user: user, namespace: name}
}

func (r *release) options(values string) *helm.Options {
	r.t.Helper()
	options := r.helm.Options(r.t)
	options.KubectlOptions = k8s.NewKubectlOptions("", control.Kubeconfig(r.user), r.namespace)
	// Helm keeps ten revisions; the first one is still wanted at the end.
	options.ExtraArgs = map[string][]string{"upgrade": {"--history-max=30"}}
	if values != "" {
		options.ValuesFiles = []string{r.valuesFile(values)}
	}
	return options
}

func (r *release) valuesFile(values string) string {
	r.t.Helper()
	path := filepath.Join(r.t.TempDir(), "values.yaml")
	require.NoError(r.t, os.WriteFile(path, []byte(values), 0o600))
	return path
}

func (r *release) install(values string) error {
	r.t.Helper()
	return r.installAs(releaseName, values)
}

func (r *release) installAs(name, values string) error {
	r.t.Helper()
	return helm.InstallContextE(r.t, r.t.Context(), r.options(values), project.Chart(), name)
}

func (r *release) upgrade(values string) error {
	r.t.Helper()
	return r.upgradeTo(project.Chart(), values)
}

func (r *release) upgradeTo(chart, values string) error {
	r.t.Helper()
	return helm.UpgradeContextE(r.t, r.t.Context(), r.options(values), chart, releaseName)
}

func (r *release) rollback(revision int) error {
	r.t.Helper()
	return helm.RollbackContextE(r.t, r.t.Context(), r.options(""), releaseName, fmt.Sprint(revision))
}

func (r *release) uninstall() error {
	r.t.Helper()
	return helm.DeleteContextE(r.t, r.t.Context(), r.options(""), releaseName, true)
}

// rendered is what the values imply.
func (r *release) rendered(values string) mesh.Objects {
	r.t.Helper()
	return r.renderedBy(project.Chart(), values)
}

func (r *release) renderedBy(chart, values string) mesh.Objects {
	r.t.Helper()
	out, err := project.Render(r.t, "-f", r.valuesFile(values), "-n", r.namespace, "--release-name", releaseName, "--chart", chart)
	require.NoError(r.t, err)
	objects, err := mesh.Split(string(out))
	require.NoError(r.t, err)
	return objects
}

// live lists what the namespace holds of the chart's kinds.
func (r *release) live() map[string]*unstructured.Unstructured {
	r.t.Helper()
	client, err := control.Client(cluster.Admin)
	require.NoError(r.t, err)
	objects := map[string]*unstructured.Unstructured{}
	for _, kind := range kinds {
		list, err := client.List(r.t.Context(), kind.apiVersion, kind.kind, r.namespace)
		require.NoError(r.t, err)
		for _, object := range list {
			objects[kind.kind+"/"+object.GetName()] = &object
		}
	}
	return objects
}

// expect checks that exactly the objects which the values imply exist, with
// all that they say.
func (r *release) expect(values string) {
	r.t.Helper()
	r.expectObjects(r.rendered(values))
}

func (r *release) expectObjects(objects mesh.Objects) {
	r.t.Helper()
	live := r.live()
	for _, want := range objects {
		key := want.GetKind() + "/" + want.GetName()
		got, exists := live[key]
		if !assert.True(r.t, exists, "%s does not exist", key) {
			continue
		}
		delete(live, key)
		assertContains(r.t, key, want.Object, got.Object)
	}
	assert.Empty(r.t, live, "left over")
}

// assertContains checks that the live value has all that is wanted; the API
// server adds defaults to it.
func assertContains(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		fields, ok := got.(map[string]any)
		if !assert.True(t, ok, "%s is %v", path, got) {
			return
		}
		for name, value := range want {
			assertContains(t, path+"."+name, value, fields[name])
		}
	case []any:
		items, ok := got.([]any)
		if !assert.True(t, ok && len(items) == len(want), "%s is %v, not %v", path, got, want) {
			return
		}
		for i, value := range want {
			assertContains(t, fmt.Sprintf("%s[%d]", path, i), value, items[i])
		}
	default:
		assert.EqualValues(t, want, got, path)
	}
}
