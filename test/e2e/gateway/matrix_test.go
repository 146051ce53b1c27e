//go:build e2e

package gateway

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// Every cell passes the gateway, in the mesh's TLS with the gateway's identity verified, and leaves it as declared. That
// holds for meshes that block the unknown, and against a rule of the whole mesh.
func TestEveryCellPassesTheGateway(t *testing.T) {
	for layout, values := range layouts {
		t.Run(layout, func(t *testing.T) { passes(t, rendered(t, values, "first").String()) })
	}
}

func passes(t *testing.T, objects string) {
	for name, wide := range map[string]string{"no other rule": "", "mutual TLS for everything": `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: mesh-wide, namespace: elsewhere}
spec: {host: "*", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
`} {
		for _, registryOnly := range []bool{false, true} {
			t.Run(fmt.Sprintf("registryOnly %v, %s", registryOnly, name), func(t *testing.T) {
				m := loaded(t, registryOnly, objects, wide)
				gateway := m.Gateway()
				for _, namespace := range []string{"default", "team-b"} {
					sidecar := m.Sidecar(mesh.Workload{Namespace: namespace})
					for _, cell := range cells {
						cell.check(t, gateway.Call(sidecar, cell.from(namespace)), namespace)
					}
				}
			})
		}
	}
}

func (c cell) check(t *testing.T, passage mesh.Passage, namespace string) {
	t.Helper()
	if !assert.NotNil(t, passage.Second, "%s from %s does not pass the gateway: %s", c.url, namespace, passage) {
		return
	}
	assert.True(t, passage.First.TLS.MeshTLS(), "%s from %s: %s", c.url, namespace, passage.First)
	assert.NoError(t, passage.Second.Error, "%s from %s", c.url, namespace)
	assert.Equal(t, []string{c.upstream}, passage.Second.Upstreams, "%s from %s", c.url, namespace)
	assert.Equal(t, c.tls, passage.Second.TLS.String(), "%s from %s", c.url, namespace)
	assert.Equal(t, c.host, passage.Second.Host, "%s from %s", c.url, namespace)
}

// leaks are the calls that reach their server past the gateway, or reach anything otherwise than declared.
func leaks(m *mesh.Mesh, namespaces ...string) []string {
	gateway := m.Gateway()
	var found []string
	for _, namespace := range namespaces {
		sidecar := m.Sidecar(mesh.Workload{Namespace: namespace})
		for _, cell := range cells {
			if leak := cell.leak(gateway.Call(sidecar, cell.from(namespace))); leak != "" {
				found = append(found, namespace+" "+leak)
			}
		}
	}
	return found
}

// leak tells of a call that goes past the gateway, gets there without the mesh's TLS, or leaves it otherwise than declared; empty
// for one that does not.
func (c cell) leak(passage mesh.Passage) string {
	last := passage.Last()
	direct := passage.Second == nil && c.reaches(passage.First)
	plaintext := passage.Second != nil && !passage.First.TLS.MeshTLS() && last.Error == nil
	wrong := passage.Second != nil && last.Error == nil && last.Status == 0 && len(last.Upstreams) > 0 && last.TLS.String() != c.tls
	if direct || plaintext || wrong {
		return c.url + ": " + passage.String()
	}
	return ""
}

// everywhere are namespaces of callers: the release's, another, and the gateway's.
var everywhere = []string{"default", "team-b", "istio-system"}

// With any kind of object missing or limited to its own namespace, no call goes past the gateway, and none leaves
// otherwise than declared.
func TestFailsClosed(t *testing.T) {
	for layout, values := range layouts {
		t.Run(layout, func(t *testing.T) { failsClosed(t, rendered(t, values, "first")) })
	}
}

func failsClosed(t *testing.T, objects mesh.Objects) {
	left := map[string]mesh.Objects{}
	for _, kind := range []string{"Service", "ServiceEntry", "DestinationRule", "VirtualService", "Gateway"} {
		for _, part := range []string{"default", "istio-system", "at the gateway"} {
			is := func(o mesh.Object) bool {
				gateways, _, _ := unstructured.NestedStringSlice(o.Object, "spec", "gateways")
				return o.GetKind() == kind && (o.GetNamespace() == part && len(gateways) == 0 || part == "at the gateway" && len(gateways) > 0)
			}
			if len(objects.Filter(is)) == 0 {
				continue
			}
			left["without "+kind+" "+part] = objects.Filter(func(o mesh.Object) bool { return !is(o) })
			if kind != "Service" && kind != "Gateway" {
				left["hidden "+kind+" "+part] = hidden(t, objects, is)
			}
		}
	}
	for name, objects := range left {
		for _, registryOnly := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/registryOnly %v", name, registryOnly), func(t *testing.T) {
				assert.Empty(t, leaks(loaded(t, registryOnly, objects.String()), everywhere...))
			})
		}
	}
}

// hidden limits objects to their own namespace.
func hidden(t *testing.T, objects mesh.Objects, is func(mesh.Object) bool) mesh.Objects {
	t.Helper()
	return objects.Changed(t, is, func(o *unstructured.Unstructured) {
		require.NoError(t, unstructured.SetNestedStringSlice(o.Object, []string{"."}, "spec", "exportTo"))
	})
}

// The same with each object missing, one at a time, of entries that have every kind of object.
func TestEachObjectTakenAway(t *testing.T) {
	for layout, values := range layouts {
		objects := rendered(t, only(t, values, "three", "e-http"), "first")
		assert.Greater(t, len(objects), 10)
		for _, missing := range objects {
			left := objects.Filter(func(o mesh.Object) bool { return o.String() != missing.String() })
			assert.Empty(t, leaks(loaded(t, false, left.String()), "team-b"), "%s without %s", layout, missing)
		}
	}
}

// only leaves the entries of some names in the values.
func only(t *testing.T, values string, names ...string) string {
	t.Helper()
	parsed := map[string]any{}
	require.NoError(t, yaml.Unmarshal([]byte(values), &parsed))
	for _, collection := range []string{"externalNameServices", "endpointServices"} {
		parsed[collection] = slices.DeleteFunc(parsed[collection].([]any), func(entry any) bool {
			return !slices.Contains(names, entry.(map[string]any)["name"].(string))
		})
	}
	text, err := yaml.Marshal(parsed)
	require.NoError(t, err)
	return string(text)
}

// A gateway that is not there, a selector that matches no pod, a port that is not on the Service.
func TestFailsClosedWithoutAGateway(t *testing.T) {
	for name, change := range map[string][2]string{
		"another name":      {"name: istio-egressgateway,", "name: no-gateway,"},
		"another selector":  {"{istio: egressgateway}", "{istio: no-gateway}"},
		"a missing port":    {"selector: {istio:", "port: 9443, selector: {istio:"},
		"another namespace": {"namespace: istio-system", "namespace: no-gateway"},
	} {
		for layout, values := range layouts {
			t.Run(name+"/"+layout, func(t *testing.T) {
				changed := strings.Replace(values, change[0], change[1], 1)
				require.NotEqual(t, values, changed)
				if name == "another namespace" {
					changed = strings.Replace(changed, "/ns/istio-system/", "/ns/no-gateway/", 1)
				}
				m := loaded(t, false, rendered(t, changed, "first").String())
				gateway := m.Gateway()
				sidecar := m.Sidecar(mesh.Workload{})
				for _, cell := range cells {
					passage := gateway.Call(sidecar, cell.url)
					assert.False(t, cell.reaches(passage.Last()), "%s: %s", cell.url, passage)
				}
			})
		}
	}
}

// A rule of the caller's namespace for the gateway hides ours: there is no way then, and no other one.
func TestFailsClosedBehindARuleOfTheCaller(t *testing.T) {
	for layout, values := range layouts {
		objects := rendered(t, values, "first").String()
		for _, host := range []string{"istio-egressgateway.istio-system.svc.cluster.local", "*.local", "*", "*.internal"} {
			for _, mode := range []string{"DISABLE", "ISTIO_MUTUAL"} {
				t.Run(layout+" "+host+" "+mode, func(t *testing.T) {
					assert.Empty(t, leaks(loaded(t, false, objects, fmt.Sprintf(ruleInTheWay, host, mode)), everywhere...))
				})
			}
		}
	}
}

const ruleInTheWay = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: in-the-way, namespace: team-b}
spec: {host: "%s", trafficPolicy: {tls: {mode: %s}}}
`
