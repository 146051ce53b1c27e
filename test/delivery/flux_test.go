package delivery

import (
	"strings"
	"testing"

	helmv2 "github.com/fluxcd/helm-controller/api/v2"
	sourcev1 "github.com/fluxcd/source-controller/api/v1"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/render"
)

// fluxExample decodes the three objects of examples/flux strictly.
func fluxExample(t *testing.T, text string) (source sourcev1.OCIRepository, release helmv2.HelmRelease, values corev1.ConfigMap, err error) {
	t.Helper()
	documents := strings.Split(text, "\n---\n")
	require.Len(t, documents, 3)
	for i, into := range []any{&source, &release, &values} {
		if err = yaml.UnmarshalStrict([]byte(documents[i]), into); err != nil {
			return
		}
	}
	return
}

func TestFluxExample(t *testing.T) {
	source, release, values, err := fluxExample(t, read(t, example("flux", "helmrelease.yaml")))
	require.NoError(t, err)
	assert.Equal(t, sourcev1.GroupVersion.WithKind(sourcev1.OCIRepositoryKind), source.GroupVersionKind())
	assert.Equal(t, helmv2.GroupVersion.WithKind(helmv2.HelmReleaseKind), release.GroupVersionKind())

	require.NotNil(t, release.Spec.ChartRef)
	assert.Equal(t, source.Kind, release.Spec.ChartRef.Kind)
	assert.Equal(t, source.Name, release.Spec.ChartRef.Name)
	require.Len(t, release.Spec.ValuesFrom, 1)
	assert.Equal(t, values.Name, release.Spec.ValuesFrom[0].Name)
	assert.Equal(t, source.Namespace, release.Namespace)
	assert.Equal(t, values.Namespace, release.Namespace)

	chart, err := render.Load()
	require.NoError(t, err)
	text := values.Data[release.Spec.ValuesFrom[0].ValuesKey]
	fields, err := render.ParseValues([]byte(text))
	require.NoError(t, err)
	result, err := chart.Render(fields, render.Options{ReleaseName: release.Spec.ReleaseName, Namespace: release.Namespace})
	require.NoError(t, err)
	assert.NotEmpty(t, result.Documents())
	assert.Equal(t, chart.Version(), source.Spec.Reference.Tag, "the example installs this version")
}

func TestFluxExampleIsReadStrictly(t *testing.T) {
	text := read(t, example("flux", "helmrelease.yaml"))
	_, _, _, err := fluxExample(t, strings.Replace(text, "releaseName:", "relaseName:", 1))
	assert.ErrorContains(t, err, "relaseName")
}
