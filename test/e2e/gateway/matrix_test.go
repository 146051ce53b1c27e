//go:build e2e

package gateway

import (
	"fmt"
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
	objects := rendered(t, values, "first").String()
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
func leaks(m *mesh.Mesh) []string {
	gateway := m.Gateway()
	var found []string
	for _, namespace := range []string{"default", "team-b", "istio-system"} {
		sidecar := m.Sidecar(mesh.Workload{Namespace: namespace})
		for _, cell := range cells {
			passage := gateway.Call(sidecar, cell.from(namespace))
			last := passage.Last()
			direct := passage.Second == nil && cell.reaches(passage.First)
			plaintext := passage.Second != nil && !passage.First.TLS.MeshTLS() && last.Error == nil
			wrong := passage.Second != nil && last.Error == nil && last.Status == 0 && len(last.Upstreams) > 0 && last.TLS.String() != cell.tls
			if direct || plaintext || wrong {
				found = append(found, namespace+" "+cell.url+": "+passage.String())
			}
		}
	}
	return found
}

// With any kind of object missing or limited to its own namespace, no call goes past the gateway, and none leaves
// otherwise than declared.
func TestFailsClosed(t *testing.T) {
	objects := rendered(t, values, "first")
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
				assert.Empty(t, leaks(loaded(t, registryOnly, objects.String())))
			})
		}
	}
}

// hidden limits objects to their own namespace.
func hidden(t *testing.T, objects mesh.Objects, is func(mesh.Object) bool) mesh.Objects {
	t.Helper()
	var changed mesh.Objects
	for _, object := range objects {
		if is(object) {
			twin := object.DeepCopy()
			require.NoError(t, unstructured.SetNestedStringSlice(twin.Object, []string{"."}, "spec", "exportTo"))
			text, err := yaml.Marshal(twin.Object)
			require.NoError(t, err)
			object = mesh.Object{Unstructured: twin, YAML: string(text)}
		}
		changed = append(changed, object)
	}
	return changed
}

// A gateway that is not there, a selector that matches no pod, a port that is not on the Service.
func TestFailsClosedWithoutAGateway(t *testing.T) {
	for name, change := range map[string][2]string{
		"another name":      {"name: istio-egressgateway,", "name: no-gateway,"},
		"another selector":  {"{istio: egressgateway}", "{istio: no-gateway}"},
		"a missing port":    {"default: gateway}", "default: gateway, port: 9443}"},
		"another namespace": {"namespace: istio-system", "namespace: no-gateway"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(values, change[0], change[1], 1)
			require.NotEqual(t, values, changed)
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

// A rule of the caller's namespace for the gateway hides ours: there is no way then, and no other one.
func TestFailsClosedBehindARuleOfTheCaller(t *testing.T) {
	objects := rendered(t, values, "first").String()
	for _, host := range []string{"istio-egressgateway.istio-system.svc.cluster.local", "*.local", "*", "*.internal"} {
		for _, mode := range []string{"DISABLE", "ISTIO_MUTUAL"} {
			t.Run(host+" "+mode, func(t *testing.T) {
				assert.Empty(t, leaks(loaded(t, false, objects, fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: in-the-way, namespace: team-b}
spec: {host: "%s", trafficPolicy: {tls: {mode: %s}}}
`, host, mode))))
			})
		}
	}
}
