//go:build e2e

package sidecar

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/calls"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// plane is how the callers of a matrix are, and where their waypoint is: in the entry's namespace, or in one of its own.
type plane struct{ dataPlane, waypoint string }

func planes() []plane {
	var all []plane
	for _, dataPlane := range []string{"ambient", "both"} {
		for _, waypoint := range []string{"default", "egress"} {
			all = append(all, plane{dataPlane, waypoint})
		}
	}
	return all
}

// onPlane are values of entries for callers of a plane, with the waypoint.
func onPlane(t *testing.T, p plane, entries []entry, exportTo []string) string {
	t.Helper()
	var all map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(values(t, entries, exportTo, form{})), &all))
	maps.Copy(all, map[string]any{
		"dataPlane": p.dataPlane, "serviceType": nil, "endpointsKind": nil,
		"waypoint": map[string]any{"name": "waypoint", "namespace": p.waypoint, "create": true},
	})
	text, err := yaml.Marshal(all)
	require.NoError(t, err)
	return string(text)
}

// The matrix of the closed form again, called by ambient pods, whose calls pass the waypoint, and by sidecars, which pass by
// it: in a mesh of both, all get the same; where the values are for ambient alone, sidecars reach nothing.
func TestAmbientMatrix(t *testing.T) {
	for _, plane := range planes() {
		for _, exportTo := range [][]string{nil, {".", "partner"}} {
			t.Run(fmt.Sprintf("%s, waypoint in %s, exportTo %v", plane.dataPlane, plane.waypoint, exportTo), func(t *testing.T) {
				entries := entries(form{"ClusterIP", "ServiceEntry"})
				objects := rendered(t, onPlane(t, plane, entries, exportTo))
				m := mesh.New(t, mesh.Options{Objects: []string{objects.String()}, Ambient: true})
				for _, namespace := range []string{"default", "partner", "stranger"} {
					pod := m.Pod(namespace, "client")
					for _, entry := range entries {
						for url, host := range entry.urls(namespace) {
							assert.Equal(t, entry.outcome(host), pod.Call(url).String(), "%s from an ambient pod of %s", url, namespace)
						}
					}
					elsewhere := pod.Call("http://elsewhere.example.org:80")
					assert.Equal(t, mesh.Passthrough, elsewhere.Cluster, "others on the same port")
				}
				for _, namespace := range []string{"default", "partner", "stranger"} {
					sidecar := m.Sidecar(mesh.Workload{Namespace: namespace})
					sees := plane.dataPlane == "both" && (exportTo == nil || namespace != "stranger")
					for _, entry := range entries {
						for url, host := range entry.urls(namespace) {
							outcome := sidecar.Call(url)
							if sees {
								assert.Equal(t, entry.outcome(host), outcome.String(), "%s from a sidecar of %s", url, namespace)
							} else if namespace != plane.waypoint { // which the test below is about
								assert.False(t, entry.reached(outcome), "%s from a sidecar of %s: %s", url, namespace, outcome)
							}
						}
					}
				}
			})
		}
	}
}

// urls are the names of an entry as a namespace can write them, each with the Host that is sent.
func (e entry) urls(namespace string) map[string]string {
	names := []string{e.name + ".default.svc.cluster.local", e.name + ".default"}
	if namespace == "default" {
		names = append(names, e.name)
	}
	urls := map[string]string{}
	for _, name := range names {
		host := fmt.Sprintf("%s:%d", name, e.protocol.port)
		urls[e.protocol.scheme+"://"+host] = host
	}
	return urls
}

// A waypoint that is not there, is of another kind, or that does not let the namespace bind: nothing leaves. The same where
// ServiceEntries are visible in their own namespaces alone, while the waypoint still serves.
func TestWithoutTheWaypointNothingLeaves(t *testing.T) {
	entries := originated(form{"ClusterIP", "ServiceEntry"})
	entries = slices.DeleteFunc(entries, func(e entry) bool { return e.credential != "" })
	for _, plane := range planes() {
		objects := rendered(t, onPlane(t, plane, entries, nil))
		for name, left := range map[string]mesh.Objects{
			"no waypoint": objects.Filter(func(o mesh.Object) bool { return o.GetKind() != "Gateway" }),
			"a waypoint for workloads": objects.Changed(t, mesh.OfKind("Gateway"), func(o *unstructured.Unstructured) {
				labels := o.GetLabels()
				labels["istio.io/waypoint-for"] = "workload"
				o.SetLabels(labels)
			}),
			"a waypoint for another namespace": objects.Changed(t, mesh.OfKind("Gateway"), func(o *unstructured.Unstructured) {
				o.SetNamespace("elsewhere")
			}),
			"no DestinationRule":  objects.Filter(func(o mesh.Object) bool { return o.GetKind() != "DestinationRule" }),
			"no ServiceEntry":     objects.Filter(func(o mesh.Object) bool { return o.GetKind() != "ServiceEntry" }),
			"no VirtualService":   objects.Filter(func(o mesh.Object) bool { return o.GetKind() != "VirtualService" }),
			"visible to nobody's": objects,
		} {
			t.Run(fmt.Sprintf("%s, waypoint in %s/%s", plane.dataPlane, plane.waypoint, name), func(t *testing.T) {
				m := mesh.New(t, mesh.Options{Objects: []string{left.String()}, Ambient: true, NamespaceVisibility: strings.HasPrefix(name, "visible")})
				pod := m.Pod("default", "client")
				for _, entry := range entries {
					for url := range entry.urls("default") {
						outcome := pod.Call(url)
						assert.False(t, entry.reached(outcome) && !outcome.TLS.On, "%s: %s", url, outcome)
						assert.Equal(t, strings.HasPrefix(name, "visible"), entry.reached(outcome), "%s: %s", url, outcome)
					}
				}
			})
		}
	}
}

// The ambient pods of examples, and of values without a waypoint, each with its calls in testdata/pods.
func TestPods(t *testing.T) {
	files := map[string]string{"without-waypoint": filepath.Join("testdata", "pods", "without-waypoint.yaml")}
	for _, example := range project.Examples(t) {
		if strings.HasPrefix(example.Name, "ambient") {
			files[example.Name] = example.Values
		}
	}
	require.Len(t, files, 3)
	for name, values := range files {
		t.Run(name, func(t *testing.T) {
			objects := renderedFile(t, values)
			if name == "ambient-both" {
				objects = append(objects, existingWaypoint(t, "team-a")...)
			}
			m := mesh.New(t, mesh.Options{Objects: []string{objects.String()}, Ambient: true})
			calls.Check(t, filepath.Join("testdata", "pods", name+".calls"), func(w mesh.Workload) *mesh.Pod { return m.Pod(w.Namespace, "client") })
		})
	}
}

// existingWaypoint is one that nobody renders.
func existingWaypoint(t *testing.T, namespace string) mesh.Objects {
	t.Helper()
	objects, err := mesh.Split(`
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: ` + namespace + `}
spec: {gatewayClassName: istio-waypoint, listeners: [{name: mesh, port: 15008, protocol: HBONE}]}
`)
	require.NoError(t, err)
	return objects
}

// The waypoint lets those call that allowFrom names, over HTTP and over bytes, and resets or answers everybody else.
func TestWaypointRefusesCallers(t *testing.T) {
	for _, namespace := range []string{"egress", "default"} {
		t.Run("waypoint in "+namespace, func(t *testing.T) { waypointRefusesCallers(t, namespace) })
	}
}

func waypointRefusesCallers(t *testing.T, namespace string) {
	t.Helper()
	objects := rendered(t, `
dataPlane: ambient
waypoint: {name: waypoint, namespace: `+namespace+`, create: true}
externalNameServices:
  - name: api
    externalName: api.example.com
    ports: [{name: http, port: 80, targetPort: 443}, {name: tcp, port: 7000}]
    tls: {mode: SIMPLE}
    allowFrom: {namespaces: [shop], serviceAccounts: [batch/runner]}
  - name: free
    externalName: free.example.com
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
`)
	allowsAll, err := mesh.Split(`
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-all, namespace: ` + namespace + `}
spec: {targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: waypoint}], action: ALLOW, rules: [{}]}
`)
	require.NoError(t, err)
	m := mesh.New(t, mesh.Options{Objects: []string{append(objects, allowsAll...).String()}, Ambient: true})
	for _, call := range []struct {
		namespace, account string
		may                bool
	}{
		{"shop", "anybody", true}, {"batch", "runner", true},
		{"batch", "other", false}, {"default", "runner", false}, {"shopping", "anybody", false},
	} {
		pod := m.Pod(call.namespace, call.account)
		for _, url := range []string{"http://api.default", "tcp://api.default:7000"} {
			outcome := pod.Call(url)
			assert.Equal(t, call.may, len(outcome.Upstreams) > 0, "%s from %s/%s: %s", url, call.namespace, call.account, outcome)
		}
		assert.NotEmpty(t, pod.Call("http://free.default").Upstreams, "another service, from %s", call.namespace)
		sidecar := m.Sidecar(mesh.Workload{Namespace: call.namespace})
		assert.NotContains(t, sidecar.Call("http://api.default").String(), "api.example.com", "a sidecar of %s goes around", call.namespace)
	}
}

// Sidecars in the waypoint's namespace see its route: the rule is the waypoint's alone, which keeps them from passing allowFrom by, and from
// sending plaintext where the certificate is in a Secret, which they read for selected workloads alone.
func TestSidecarsBesideTheWaypoint(t *testing.T) {
	objects := rendered(t, `
dataPlane: ambient
waypoint: {name: waypoint, create: true}
externalNameServices:
  - name: api
    externalName: api.example.com
    ports: [{name: http, port: 80, targetPort: 443}, {name: tcp, port: 7000}, {name: https, port: 443, tls: {mode: DISABLE}}]
    tls: {mode: SIMPLE}
    allowFrom: {namespaces: [default]}
  - name: bank
    externalName: bank.example.com
    ports: [{name: http, port: 80, targetPort: 443}, {name: tcp, port: 7000}]
    tls: {mode: MUTUAL, credentialName: bank}
`)
	urls := []string{"http://api", "tcp://api:7000", "https://api", "http://bank", "tcp://bank:7000"}
	m := mesh.New(t, mesh.Options{Objects: []string{objects.String()}, Ambient: true})
	for _, labels := range []map[string]string{nil, {"app": "client"}, {"gateway.networking.k8s.io/gateway-name": "other"}} {
		sidecar := m.Sidecar(mesh.Workload{Namespace: "default", Labels: labels})
		for _, url := range urls {
			outcome := sidecar.Call(url)
			assert.False(t, slices.ContainsFunc(outcome.Upstreams, leadsOut), "%s from a sidecar with the labels %v: %s", url, labels, outcome)
		}
		own := sidecar.Call("http://bank.default.egress.internal")
		assert.True(t, len(own.Upstreams) == 0 || own.TLS.On, "the exit by its own name: %s", own)
		for _, url := range []string{"http://api.default.egress.internal", "https://api.default.egress.internal", "tcp://api.default.egress.internal:7000"} {
			own := sidecar.Call(url)
			assert.Equal(t, []string{"api.default.egress.internal"}, own.TLS.Names, "%s: no server has this name: %s", url, own)
		}
	}
	pod := m.Pod("default", "client")
	for _, url := range urls {
		assert.True(t, slices.ContainsFunc(pod.Call(url).Upstreams, leadsOut), "%s from an ambient pod", url)
	}
	forAll := objects.Changed(t, mesh.OfKind("DestinationRule"), func(o *unstructured.Unstructured) {
		unstructured.RemoveNestedField(o.Object, "spec", "workloadSelector")
	}).Filter(func(o mesh.Object) bool { return !strings.HasSuffix(o.GetName(), ".sidecars") })
	bare := mesh.New(t, mesh.Options{Objects: []string{forAll.String()}, Ambient: true}).Sidecar(mesh.Workload{Namespace: "default"}).Call("http://bank")
	assert.True(t, slices.ContainsFunc(bare.Upstreams, leadsOut) && !bare.TLS.On, "what the selector is for: %s", bare)
}
