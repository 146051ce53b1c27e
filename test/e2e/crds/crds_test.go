//go:build e2e

// Package crds holds what the chart renders against the CRDs of each minor version of Istio that is pinned under
// test/istioapi, on a real API server.
package crds

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/crds"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// randomReleases are made beside the examples.
const randomReleases = 12

// release is what values render, of Istio's kinds.
type release struct {
	objects mesh.Objects
	// newer tells that the chart warns of a field that the oldest supported version of Istio does not know (newer-istio). What it
	// warns of besides, istiod refuses, and not the API server.
	newer bool
}

// Every example, and values of all kinds, are accepted by the API server with the CRDs of each version, which drops no field: it
// refuses those that it does not know. The oldest version refuses what the chart warns of, and that alone.
func TestEachVersionTakesWhatIsRendered(t *testing.T) {
	versions, err := crds.Versions()
	require.NoError(t, err)
	releases := rendered(t)
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			client := startWith(t, version, releases)
			for _, release := range releases {
				refused := refusals(t, client, release.objects)
				if release.newer && version == project.IstioVersions()[0] {
					assert.NotEmpty(t, refused, "the chart warns of what Istio %s takes", version)
				} else {
					assert.Empty(t, refused, "Istio %s", version)
				}
			}
			unknown := rule(map[string]any{"tls": map[string]any{"mode": "SIMPLE", "sniff": "a"}})
			require.ErrorContains(t, client.Create(t.Context(), unknown, metav1.DryRunAll), "sniff", "a field that no version has")
		})
	}
}

// refusals are what the API server says of objects that it does not take.
func refusals(t *testing.T, client *cluster.Client, objects mesh.Objects) []string {
	t.Helper()
	var refused []string
	for _, object := range objects {
		if err := client.Create(t.Context(), object.Unstructured, metav1.DryRunAll); err != nil {
			refused = append(refused, err.Error()+"\n"+object.YAML)
		}
	}
	return refused
}

// rule is a DestinationRule with a traffic policy.
func rule(policy map[string]any) *unstructured.Unstructured {
	return &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "networking.istio.io/v1", "kind": "DestinationRule",
		"metadata": map[string]any{"name": "a", "namespace": "default"},
		"spec":     map[string]any{"host": "a.example.com", "trafficPolicy": policy},
	}}
}

// startWith starts a cluster with the CRDs of a version, and the namespaces of what is rendered.
func startWith(t *testing.T, version string, releases []release) *cluster.Client {
	t.Helper()
	manifest, err := crds.Manifest(t.Context(), version)
	require.NoError(t, err)
	control, err := cluster.StartWith(t.Context(), manifest)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, control.Stop()) })
	created := map[string]bool{"default": true, "kube-system": true}
	for _, release := range releases {
		for _, object := range release.objects {
			if name := object.GetNamespace(); !created[name] {
				created[name] = true
				require.NoError(t, control.CreateNamespace(t.Context(), name))
			}
		}
	}
	client, err := control.Client(cluster.Admin)
	require.NoError(t, err)
	return client
}

// rendered are the examples, values made at random, and values with a field that the chart warns of as newer.
func rendered(t *testing.T) []release {
	t.Helper()
	var releases []release
	for _, example := range project.Examples(t) {
		content, err := os.ReadFile(example.Values)
		require.NoError(t, err)
		values, err := render.ParseValues(content)
		require.NoError(t, err)
		releases = append(releases, renderRelease(t, values))
	}
	for seed := range uint64(randomReleases) {
		random := rand.New(rand.NewPCG(17, seed))
		releases = append(releases, renderRelease(t, valuesgen.Random(random, 1+random.IntN(8))))
	}
	keepAlive, err := render.ParseValues([]byte(`
externalNameServices:
  - name: a
    externalName: a.example.com
    ports: [{name: http, port: 80}]
    tls: {mode: DISABLE}
    trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 30s, timeout: 5s}}}}
`))
	require.NoError(t, err)
	newer := renderRelease(t, keepAlive)
	require.True(t, newer.newer)
	return append(releases, newer)
}

func renderRelease(t *testing.T, values map[string]any) release {
	t.Helper()
	chart, err := render.Load()
	require.NoError(t, err)
	findings, err := chart.Findings(values, render.Options{})
	require.NoError(t, err)
	result, err := chart.Render(values, render.Options{})
	require.NoError(t, err)
	objects, err := mesh.Split(string(result.Manifest()))
	require.NoError(t, err)
	return release{
		objects: slices.DeleteFunc(objects, func(o mesh.Object) bool {
			return !strings.HasSuffix(o.GroupVersionKind().Group, ".istio.io")
		}),
		newer: slices.ContainsFunc(findings, func(f render.Finding) bool {
			return f.ID == "newer-istio" && strings.HasSuffix(f.Path, ".http2KeepAlive")
		}),
	}
}
