//go:build e2e

package install

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// handWritten are objects in the namespace team-a, each refused with these words; without words, admitted.
var handWritten = []struct{ name, object, refused string }{
	{"a host", entry("hosts: [api.example.com], exportTo: [.]"), ""},
	{"another team's host", entry("hosts: [api.example.com, api.example.org], exportTo: [.]"), "hosts of team-a forbids api.example.org"},
	{"the apex of a wildcard", entry("hosts: [example.com], exportTo: [.]"), "hosts of team-a forbids example.com"},
	{"a narrower wildcard", entry(`hosts: ["*.cdn.example.com"], exportTo: [.]`), ""},
	{"every host", entry(`hosts: ["*.com"], exportTo: [.]`), "hosts of team-a forbids *.com"},
	{"another team's Service", entry("hosts: [shop.team-b.svc.cluster.local], exportTo: [.]"), "hosts of team-a forbids shop.team-b.svc.cluster.local"},
	{"a host behind an allowed one", entry("hosts: [api.example.com], exportTo: [.], endpoints: [{address: api.example.org}]"), "hosts of team-a forbids api.example.org"},
	{"an own exit", entry("hosts: [api.team-a.egress.internal], exportTo: [.], addresses: [240.0.0.1], endpoints: [{address: api.example.com}]"), ""},
	{"another team's exit", entry("hosts: [api.team-b.egress.internal], exportTo: [.], endpoints: [{address: api.example.com}]"), "hosts of team-a forbids api.team-b.egress.internal"},
	{"an own way to the gateway", entry("hosts: [to.gw.01234567.egress.internal], exportTo: ['*'], endpoints: [{address: istio-egressgateway.istio-egress.svc.cluster.local}]"), ""},
	{"a way to another gateway", entry("hosts: [to.gw.01234567.egress.internal], exportTo: ['*'], endpoints: [{address: api.example.com}]"), "exportTo of team-a forbids visibility to *"},
	{"visible to all", entry(`hosts: [api.example.com], exportTo: ["*"]`), "exportTo of team-a forbids visibility to *"},
	{"visible to all, unsaid", entry("hosts: [api.example.com]"), "exportTo of team-a forbids visibility to *"},
	{"visible to another team", entry("hosts: [api.example.com], exportTo: [., team-b]"), "exportTo of team-a forbids visibility to team-b"},
	{"visible to itself by name", entry("hosts: [api.example.com], exportTo: [team-a]"), ""},
	{"a host visible to the gateway", entry("hosts: [api.example.com], exportTo: [istio-egress]"), "exportTo of team-a forbids visibility to istio-egress"},
	{"an exit visible to the gateway", entry("hosts: [api.team-a.egress.internal], exportTo: [istio-egress], endpoints: [{address: api.example.com}]"), ""},
	{"the API server's address", entry("hosts: [api.example.com], exportTo: [.], addresses: [10.96.0.1]"), "addressesInside of team-a forbids one of 10.96.0.1"},
	{"all addresses", entry("hosts: [api.example.com], exportTo: [.], resolution: NONE, addresses: [0.0.0.0/0]"), "addressesInside of team-a forbids one of 0.0.0.0/0"},
	{"an endpoint within", entry("hosts: [api.example.com], exportTo: [.], resolution: STATIC, endpoints: [{address: 203.0.113.7}]"), ""},
	{"an endpoint taken out", entry("hosts: [api.example.com], exportTo: [.], resolution: STATIC, endpoints: [{address: 203.0.113.130}]"), "addressesOutside of team-a forbids one of 203.0.113.130"},
	{"pods as endpoints", entry("hosts: [api.example.com], exportTo: [.], resolution: STATIC, workloadSelector: {labels: {app: a}}"), "takes its addresses from other objects"},
	{"a socket as endpoint", entry("hosts: [api.example.com], exportTo: [.], resolution: STATIC, endpoints: [{address: unix:///x}]"), "hosts of team-a forbids unix:///x"},
	{"every address of a tcp port", istioObject("ServiceEntry", "hosts: [api.example.com], exportTo: [.], ports: [{number: 5432, name: tcp, protocol: TCP}]"), "lead calls of a TCP port to every address"},
	{"every address of a tcp port, in small letters", istioObject("ServiceEntry", "hosts: [api.example.com], exportTo: [.], resolution: NONE, ports: [{number: 5432, name: tcp, protocol: tcp}]"), "lead calls of a TCP port to every address"},
	{"an address of a tcp port", istioObject("ServiceEntry", "hosts: [api.example.com], exportTo: [.], addresses: [203.0.113.7], ports: [{number: 5432, name: tcp, protocol: TCP}]"), ""},
	{"TLS", rule("host: api.example.com, exportTo: [.], trafficPolicy: {tls: {mode: SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]}}"), ""},
	{"no name verified", rule("host: api.example.com, exportTo: [.], trafficPolicy: {tls: {mode: SIMPLE, sni: api.example.com}}"), "forbidInsecureSkipVerify of team-a forbids TLS without subjectAltNames"},
	{"no name verified on a port", rule("host: api.example.com, exportTo: [.], trafficPolicy: {portLevelSettings: [{port: {number: 443}, tls: {mode: MUTUAL, clientCertificate: /c, privateKey: /k}}]}"), "forbidInsecureSkipVerify of team-a forbids TLS without subjectAltNames"},
	{"TLS of the mesh", rule("host: shop.team-a.svc.cluster.local, exportTo: [.], trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}"), ""},
	{"no TLS", rule("host: api.example.com, exportTo: [.], trafficPolicy: {tls: {mode: DISABLE}}"), "modes of team-a allows SIMPLE, MUTUAL, ISTIO_MUTUAL alone"},
	{"no TLS of a port", rule("host: api.example.com, exportTo: [.], trafficPolicy: {portLevelSettings: [{port: {number: 443}, tls: {mode: DISABLE}}]}"), "modes of team-a"},
	{"no TLS of a subset", rule("host: api.example.com, exportTo: [.], subsets: [{name: a, trafficPolicy: {tls: {mode: DISABLE}}}]"), "modes of team-a"},
	{"nobody verified", rule("host: api.example.com, exportTo: [.], trafficPolicy: {tls: {mode: SIMPLE, insecureSkipVerify: true}}"), "forbidInsecureSkipVerify of team-a"},
	{"nobody verified on a port", rule("host: api.example.com, exportTo: [.], trafficPolicy: {portLevelSettings: [{port: {number: 443}, tls: {mode: SIMPLE, insecureSkipVerify: true}}]}"), "forbidInsecureSkipVerify of team-a"},
	{"settings of another host", rule("host: api.example.org, exportTo: [.]"), "hosts of team-a forbids api.example.org"},
	{"settings of every host", rule(`host: "*", exportTo: [.]`), "hosts of team-a forbids *"},
	{"settings of an own service", rule("host: shop.team-a.svc.cluster.local, exportTo: [.]"), ""},
	{"settings for all namespaces", rule("host: api.example.com"), "exportTo of team-a forbids visibility to *"},
	{"a route to a host", route("hosts: [shop], exportTo: [.], http: [{route: [{destination: {host: api.example.com}}]}]"), ""},
	{"a route to another host", route("hosts: [shop], exportTo: [.], http: [{route: [{destination: {host: api.example.org}}]}]"), "hosts of team-a forbids api.example.org"},
	{"a tcp route to another host", route("hosts: [shop], exportTo: [.], tcp: [{route: [{destination: {host: api.example.org}}]}]"), "hosts of team-a forbids api.example.org"},
	{"a mirror of another host", route("hosts: [shop], exportTo: [.], http: [{route: [{destination: {host: shop}}], mirrors: [{destination: {host: api.example.org}}]}]"), "hosts of team-a forbids api.example.org"},
	{"a route for another host", route("hosts: [api.example.org], exportTo: [.], http: [{route: [{destination: {host: shop}}]}]"), "hosts of team-a forbids api.example.org"},
	{"another team's hop", route("hosts: [80.api.team-b.01234567.egress.internal], exportTo: [istio-egress], http: [{route: [{destination: {host: api.team-a.egress.internal}}]}]"), "hosts of team-a forbids 80.api.team-b.01234567.egress.internal"},
	{"an own hop", route("hosts: [80.api.team-a.01234567.egress.internal], exportTo: [istio-egress], http: [{route: [{destination: {host: api.team-a.egress.internal}}]}]"), ""},
	{"a route for all namespaces", route("hosts: [shop], http: [{route: [{destination: {host: shop}}]}]"), "exportTo of team-a forbids visibility to *"},
	{"an alias", alias("api.example.com", "."), ""},
	{"an alias of another host", alias("api.example.org", "."), "hosts of team-a forbids api.example.org"},
	{"an alias of the API server", alias("kubernetes.default.svc.cluster.local", "."), "hosts of team-a forbids kubernetes.default.svc.cluster.local"},
	{"an alias for all namespaces", alias("api.example.com", "*"), "exportTo of team-a forbids visibility to *"},
	{"a Service of pods", "apiVersion: v1\nkind: Service\nmetadata: {name: shop}\nspec: {selector: {app: shop}, ports: [{port: 80}]}", ""},
}

func entry(spec string) string {
	if !strings.Contains(spec, "resolution:") {
		spec += ", resolution: " + map[bool]string{true: "NONE", false: "DNS"}[strings.Contains(spec, "*.")]
	}
	return istioObject("ServiceEntry", spec+", ports: [{number: 443, name: tls, protocol: TLS}]")
}
func rule(spec string) string  { return istioObject("DestinationRule", spec) }
func route(spec string) string { return istioObject("VirtualService", spec) }

func istioObject(kind, spec string) string {
	return "apiVersion: networking.istio.io/v1\nkind: " + kind + "\nmetadata: {name: by-hand}\nspec: {" + spec + "}"
}

func alias(host, exportTo string) string {
	return "apiVersion: v1\nkind: Service\nmetadata: {name: by-hand, annotations: {networking.istio.io/exportTo: \"" + exportTo + "\"}}\nspec: {type: ExternalName, externalName: " + host + "}"
}

// guarded applies the documented policy to a namespace team-a, and returns the data of its ConfigMap.
func guarded(t *testing.T, admin *cluster.Client) map[string]string {
	t.Helper()
	for _, namespace := range []string{"team-a", "istio-egress-policy"} {
		require.NoError(t, control.CreateNamespace(t.Context(), namespace))
	}
	content, err := os.ReadFile(filepath.Join(project.Root(), "docs", "admission-policy.yaml"))
	require.NoError(t, err)
	var data map[string]string
	for document := range strings.SplitSeq(string(content), "\n---\n") {
		object := parse(t, document)
		require.NoError(t, admin.Create(t.Context(), object), object.GetKind())
		t.Cleanup(func() {
			// A test takes the ConfigMap away.
			if err := admin.Delete(context.WithoutCancel(t.Context()), object); !apierrors.IsNotFound(err) {
				assert.NoError(t, err, object.GetKind())
			}
		})
		if object.GetKind() == "ConfigMap" {
			data, _, err = unstructured.NestedStringMap(object.Object, "data")
			require.NoError(t, err)
		}
	}
	require.Eventually(t, func() bool {
		return strings.Contains(dryRun(t, admin, entry("hosts: [api.example.org], exportTo: [.]")), "hosts of team-a forbids")
	}, time.Minute, 100*time.Millisecond, "the API server does not read the policy")
	return data
}

func parse(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	object := &unstructured.Unstructured{}
	require.NoError(t, yaml.Unmarshal([]byte(text), &object.Object), text)
	return object
}

// dryRun is what the API server says against an object of team-a; nothing where it is admitted.
func dryRun(t *testing.T, client *cluster.Client, text string) string {
	t.Helper()
	object := parse(t, text)
	object.SetNamespace("team-a")
	if err := client.Create(t.Context(), object, metav1.DryRunAll); err != nil {
		return err.Error()
	}
	return ""
}

// restricted has the ConfigMap as the chart's policy, in values.
func restricted(data map[string]string, more map[string]any) map[string]any {
	policy := map[string]any{"namespaces": []any{"team-a"}, "forbidInsecureSkipVerify": data["forbidInsecureSkipVerify"] == "true"}
	for _, field := range []string{"hosts", "exportTo", "modes", "addressesInside", "addressesOutside"} {
		var items []any
		for item := range strings.FieldsSeq(data[field]) {
			items = append(items, item)
		}
		policy[field] = items
	}
	more["policy"] = policy
	return more
}

// What the chart's policy lets through, in every form and layout.
const permitted = `
exportTo: ["."]
externalNameServices:
  - {name: closed, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
  - {name: open, externalName: www.example.com, serviceType: ExternalName, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
  - {name: queue, externalName: queue.example.com, ports: [{name: tcp-queue, port: 5671}], tls: {mode: MUTUAL, clientCertificate: /c, privateKey: /k}}
  - {name: passing, externalName: pay.example.com, through: gateway, ports: [{name: http, port: 80, targetPort: 443}, {name: tcp-pay, port: 9443}], tls: {mode: SIMPLE}}
endpointServices:
  - {name: erp, addresses: [203.0.113.7], serverName: erp.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
  - {name: slice, addresses: [203.0.113.8], endpointsKind: EndpointSlice, serverName: erp.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
externalHosts:
  - {name: vendor, hosts: [cdn.example.com], ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
egressGateway: {name: istio-egressgateway, namespace: istio-egress, selector: {istio: egressgateway}}
`

func TestAdmissionPolicy(t *testing.T) {
	admin, err := control.Client(cluster.Admin)
	require.NoError(t, err)
	data := guarded(t, admin)
	for _, object := range handWritten {
		t.Run(object.name, func(t *testing.T) {
			said := dryRun(t, admin, object.object)
			if object.refused == "" {
				assert.Empty(t, said)
				return
			}
			assert.Contains(t, said, object.refused)
		})
	}
	t.Run("what the chart renders", func(t *testing.T) {
		for _, identity := range []string{"", "spiffe://cluster.local/ns/istio-egress/sa/egress"} {
			var values map[string]any
			require.NoError(t, yaml.Unmarshal([]byte(permitted), &values))
			if identity != "" {
				values["egressGateway"].(map[string]any)["identity"] = identity
			}
			admitted(t, admin, restricted(data, values))
		}
	})
	t.Run("requireGateway", func(t *testing.T) { requiresGateway(t, admin) })
	t.Run("without its ConfigMap", func(t *testing.T) {
		require.NoError(t, admin.Delete(t.Context(), parse(t, "{apiVersion: v1, kind: ConfigMap, metadata: {name: team-a, namespace: istio-egress-policy}}")))
		require.Eventually(t, func() bool {
			return strings.Contains(dryRun(t, admin, handWritten[0].object), "no params found for policy binding")
		}, time.Minute, 100*time.Millisecond)
	})
}

func requiresGateway(t *testing.T, admin *cluster.Client) {
	t.Helper()
	_, err := admin.Apply(t.Context(), parse(t, `{apiVersion: v1, kind: ConfigMap, metadata: {name: team-a, namespace: istio-egress-policy}, data: {requireGateway: "true", proxyNamespaces: istio-egress waypoints, gateway: istio-egressgateway.istio-egress.svc.cluster.local}}`), "test")
	require.NoError(t, err)
	direct := entry("hosts: [api.example.com], exportTo: [.]")
	require.Eventually(t, func() bool {
		return strings.Contains(dryRun(t, admin, direct), "requireGateway of team-a forbids hosts that others than the gateway see")
	}, time.Minute, 100*time.Millisecond)
	assert.Contains(t, dryRun(t, admin, alias("api.example.com", ".")), "requireGateway of team-a")
	assert.Empty(t, dryRun(t, admin, entry("hosts: [api.team-a.egress.internal], exportTo: [istio-egress], endpoints: [{address: api.example.com}]")))
	waypoints := entry("hosts: [api.team-a.egress.internal], exportTo: [waypoints], endpoints: [{address: api.example.com}]")
	assert.Contains(t, dryRun(t, admin, waypoints), "requireGateway of team-a", "a waypoint is no gateway, as in the chart")
}

func admitted(t *testing.T, client *cluster.Client, values map[string]any) {
	t.Helper()
	chart, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	result, err := chart.Render(values, render.Options{Namespace: "team-a"})
	require.NoError(t, err)
	kinds := map[string]int{}
	for _, document := range result.Documents() {
		object := parse(t, document.Content)
		if object.GetNamespace() != "team-a" {
			continue // the gateway's, which is the platform's
		}
		kinds[object.GetKind()]++
		assert.Empty(t, dryRun(t, client, document.Content), "%s %s", object.GetKind(), object.GetName())
	}
	for _, kind := range []string{"Service", "ServiceEntry", "DestinationRule", "VirtualService", "EndpointSlice"} {
		assert.NotZero(t, kinds[kind], kind)
	}
}
