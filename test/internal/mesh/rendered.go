//go:build e2e

package mesh

import (
	"testing"

	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/render"
)

// Rendered is what the chart makes of the values, beside other manifests, as the API server would store it.
func Rendered(t *testing.T, values map[string]any, beside ...string) Objects {
	t.Helper()
	chart, err := render.Load()
	require.NoError(t, err)
	result, err := chart.Render(values, render.Options{})
	require.NoError(t, err)
	objects, err := Split(append([]string{string(result.Manifest())}, beside...)...)
	require.NoError(t, err)
	objects, err = objects.WithClusterIPs()
	require.NoError(t, err)
	return objects
}

// Changed returns the objects, copies of some of them changed.
func (o Objects) Changed(t *testing.T, is func(Object) bool, change func(*unstructured.Unstructured)) Objects {
	t.Helper()
	var all Objects
	for _, object := range o {
		if is(object) {
			twin := object.DeepCopy()
			change(twin)
			text, err := yaml.Marshal(twin.Object)
			require.NoError(t, err)
			object = Object{Unstructured: twin, YAML: string(text)}
		}
		all = append(all, object)
	}
	return all
}

// OfKind tells objects of a kind, for [Objects.Changed] and [Objects.Filter].
func OfKind(kind string) func(Object) bool {
	return func(o Object) bool { return o.GetKind() == kind }
}
