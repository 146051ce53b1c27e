//go:build e2e

package sidecar

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// Nothing that the chart renders for sidecars may be without effect, as a
// DestinationRule on an alias is. A Service is there for DNS all the same.
func TestEveryObjectHasAnEffect(t *testing.T) {
	for _, example := range project.Examples(t) {
		t.Run(example.Name, func(t *testing.T) {
			everyObjectHasAnEffect(t, renderedFile(t, example.Values))
		})
	}
}

func everyObjectHasAnEffect(t *testing.T, objects mesh.Objects) {
	t.Helper()
	surroundings, err := mesh.Split(local, mesh.GatewayObjects)
	require.NoError(t, err)
	dead := mesh.WithoutEffect(t, append(objects, surroundings...), callers(objects))
	for _, object := range dead {
		if slices.Contains([]string{"Service", "Gateway", "Role", "RoleBinding"}, object.GetKind()) {
			continue // for DNS, and for ambient pods
		}
		if _, atWaypoint, _ := unstructured.NestedSlice(object.Object, "spec", "targetRefs"); atWaypoint {
			continue // TestWaypointRefusesCallers is about it
		}
		assert.Contains(t, surroundings, object, "%s makes no difference to any sidecar, nor to the gateway:\n%s", object, object.YAML)
	}
}

// callers are workloads in every namespace that objects are in or exported
// to, with the labels of every selector and without.
func callers(objects mesh.Objects) []mesh.Workload {
	namespaces, selectors := map[string]bool{"elsewhere": true}, []map[string]string{nil}
	for _, object := range objects {
		namespaces[object.GetNamespace()] = true
		exportTo, _, _ := unstructured.NestedStringSlice(object.Object, "spec", "exportTo")
		for _, namespace := range exportTo {
			namespaces[namespace] = true
		}
		if labels, ok, _ := unstructured.NestedStringMap(object.Object, "spec", "workloadSelector", "matchLabels"); ok {
			selectors = append(selectors, labels)
		}
	}
	var workloads []mesh.Workload
	for namespace := range namespaces {
		for _, labels := range selectors {
			workloads = append(workloads, mesh.Workload{Namespace: namespace, Labels: labels})
		}
	}
	return workloads
}

// The recipe of Istio's task, which the check is there to find.
func TestDeadObjectsAreFound(t *testing.T) {
	objects, err := mesh.Split(`
apiVersion: v1
kind: Service
metadata: {name: my-httpbin, namespace: default}
spec: {type: ExternalName, externalName: httpbin.org, ports: [{name: http, port: 80}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: my-httpbin, namespace: default}
spec: {host: my-httpbin.default.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: httpbin, namespace: default}
spec: {hosts: [httpbin.org], location: MESH_EXTERNAL, resolution: DNS, ports: [{name: http, number: 80, protocol: HTTP}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: httpbin, namespace: default}
spec: {host: httpbin.org, trafficPolicy: {tls: {mode: DISABLE}}}
`)
	require.NoError(t, err)
	dead := mesh.WithoutEffect(t, objects, []mesh.Workload{{}})
	require.Len(t, dead, 1)
	assert.Equal(t, "DestinationRule default/my-httpbin", dead[0].String())
}
