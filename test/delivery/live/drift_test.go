//go:build e2e

package live

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/test/internal/argocd"
	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// states are objects as they are in the cluster, and as they are wanted.
type states struct {
	Live   []*unstructured.Unstructured `json:"live"`
	Target []*unstructured.Unstructured `json:"target"`
}

// outOfSync are the objects that Argo CD would show as OutOfSync.
func (s states) outOfSync(t *testing.T) []string {
	t.Helper()
	var differences []struct {
		Object string
		Live   map[string]any
		Wanted map[string]any
	}
	require.NoError(t, argocd.Run(t, s, &differences, "changed"))
	objects := []string{}
	for _, difference := range differences {
		objects = append(objects, difference.Object)
		for _, state := range []map[string]any{difference.Live, difference.Wanted} {
			unstructured.RemoveNestedField(state, "metadata")
			t.Logf("%s: %v", difference.Object, state)
		}
	}
	return objects
}

// lastApplied is where kubectl apply, and Argo CD by default, keep what was applied.
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration"

// apply applies all objects into a namespace of the test, and reads them back.
// Argo CD compares differently when it finds lastApplied.
func apply(t *testing.T, manifests, namespace string, keepLastApplied bool) states {
	t.Helper()
	client, err := control.Client(cluster.Admin)
	require.NoError(t, err)
	objects, err := mesh.Split(manifests)
	require.NoError(t, err)
	require.NotEmpty(t, objects)
	var s states
	for _, object := range objects {
		object.SetNamespace(namespace)
		applied := object.DeepCopy()
		if keepLastApplied {
			text, err := applied.MarshalJSON()
			require.NoError(t, err)
			annotations := map[string]string{lastApplied: string(text)}
			maps.Copy(annotations, applied.GetAnnotations())
			applied.SetAnnotations(annotations)
		}
		_, err := client.Apply(t.Context(), applied, "argocd-controller")
		require.NoError(t, err)
		live, err := client.Get(t.Context(), object.Unstructured)
		require.NoError(t, err)
		s.Live = append(s.Live, live)
		s.Target = append(s.Target, object.Unstructured)
	}
	return s
}

func TestExamplesStayInSync(t *testing.T) {
	for mode, keepLastApplied := range map[string]bool{"client-side": true, "server-side": false} {
		for _, example := range project.Examples(t) {
			t.Run(mode+"/"+example.Name, func(t *testing.T) {
				namespace := mode + "-" + example.Name
				require.NoError(t, control.CreateNamespace(t.Context(), namespace))
				rendered, err := os.ReadFile(example.Rendered)
				require.NoError(t, err)
				assert.Empty(t, apply(t, string(rendered), namespace, keepLastApplied).outOfSync(t))
			})
		}
	}
}

// No object needs another one: sync waves would add nothing. Argo CD applies
// custom resources in the order of their names, whatever that comes to.
func TestObjectsAreAcceptedInAnyOrder(t *testing.T) {
	client, err := control.Client(cluster.Admin)
	require.NoError(t, err)
	for _, example := range project.Examples(t) {
		namespace := "backwards-" + example.Name
		require.NoError(t, control.CreateNamespace(t.Context(), namespace))
		rendered, err := os.ReadFile(example.Rendered)
		require.NoError(t, err)
		objects := split(t, string(rendered))
		slices.Reverse(objects)
		for _, object := range objects {
			object.SetNamespace(namespace)
			_, err := client.Apply(t.Context(), object, "argocd-controller")
			assert.NoError(t, err, "%s: %s %s", example.Name, object.GetKind(), object.GetName())
			assert.NotContains(t, object.GetAnnotations(), "argocd.argoproj.io/sync-wave")
		}
	}
}

func TestAManualChangeIsOutOfSync(t *testing.T) {
	const namespace = "drift-by-hand"
	require.NoError(t, control.CreateNamespace(t.Context(), namespace))
	rendered, err := os.ReadFile(project.Examples(t)[0].Rendered)
	require.NoError(t, err)
	s := apply(t, string(rendered), namespace, false)

	labels := s.Live[0].GetLabels()
	labels["app.kubernetes.io/name"] = "something-else"
	s.Live[0].SetLabels(labels)
	assert.Equal(t, []string{s.Live[0].GetKind() + " " + namespace + "/" + s.Live[0].GetName()}, s.outOfSync(t))
}
