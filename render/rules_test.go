package render_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/utils/ptr"

	"github.com/istio-egress/istio-egress/render"
)

// objectsOf renders values and returns the objects of one type.
func objectsOf[T any](t *testing.T, values string) []T {
	t.Helper()
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := render.ParseValues([]byte(values))
	if err != nil {
		t.Fatal(err)
	}
	result, err := chart.Render(parsed, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	objects, err := result.Objects()
	if err != nil {
		t.Fatal(err)
	}
	var found []T
	for _, object := range objects {
		if of, ok := object.Value.(T); ok {
			found = append(found, of)
		}
	}
	return found
}

// A slice holds as many addresses as the API recommends, and the last one the rest.
func TestSlicesOfAThousand(t *testing.T) {
	for count, want := range map[int][]int{1: {1}, 1000: {1000}, 1001: {1000, 1}, 2001: {1000, 1000, 1}} {
		addresses := make([]string, count)
		for i := range addresses {
			addresses[i] = fmt.Sprintf("10.%d.%d.1", i/250, i%250)
		}
		values := fmt.Sprintf(`endpointServices: [{name: erp, addresses: [%s], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}]`,
			strings.Join(addresses, ", "))
		var sizes []int
		var all []string
		for _, slice := range objectsOf[*discoveryv1.EndpointSlice](t, values) {
			sizes = append(sizes, len(slice.Endpoints))
			for _, endpoint := range slice.Endpoints {
				all = append(all, endpoint.Addresses...)
			}
		}
		if !slices.Equal(sizes, want) || !slices.Equal(all, addresses) {
			t.Errorf("%d addresses: slices of %v, want %v", count, sizes, want)
		}
	}
}

// The CA of a ConfigMap verifies the server for everybody, a Secret is for the selected workloads alone.
func TestCredentialOfEverybodyElse(t *testing.T) {
	for credential, everybody := range map[string]string{"configmap://default/company-ca": "configmap://default/company-ca", "company-ca": ""} {
		rules := objectsOf[*networking.DestinationRule](t, fmt.Sprintf(`
externalNameServices:
  - name: api
    externalName: api.example.com
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE, credentialName: %q}
    workloadSelector: {matchLabels: {app: orders}}
`, credential))
		got := map[bool]string{}
		for _, rule := range rules {
			got[rule.Spec.WorkloadSelector != nil] = rule.Spec.TrafficPolicy.PortLevelSettings[0].Tls.CredentialName
		}
		if len(rules) != 2 || got[true] != credential || got[false] != everybody {
			t.Errorf("%d rules: selected workloads have %q, everybody else %q; want %q and %q", len(rules), got[true], got[false], credential, everybody)
		}
	}
}

// Workloads that no selector names verify the server's name, whatever the selected ones send as SNI or do not verify.
func TestEverybodyElseVerifiesTheServersName(t *testing.T) {
	rules := objectsOf[*networking.DestinationRule](t, `
externalNameServices:
  - name: api
    externalName: api.example.com
    workloadSelector: {matchLabels: {app: x}}
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: MUTUAL, clientCertificate: /c/a, privateKey: /c/k, sni: x.example.com, insecureSkipVerify: true}
`)
	for _, rule := range rules {
		tls := rule.Spec.TrafficPolicy.PortLevelSettings[0].Tls
		if rule.Spec.WorkloadSelector == nil && !slices.Equal(tls.SubjectAltNames, []string{"api.example.com"}) {
			t.Errorf("everybody else verifies %q", tls.SubjectAltNames)
		}
	}
	if len(rules) != 2 {
		t.Errorf("%d rules, want one for selected workloads and one for everybody else", len(rules))
	}
}

// Open aliases of one host share a ServiceEntry, which has the addresses of all of them: what it lacks would be unknown
// traffic, and leave in plaintext.
func TestAddressesOfAllAliases(t *testing.T) {
	entries := objectsOf[*networking.ServiceEntry](t, `
serviceType: ExternalName
externalNameServices:
  - {name: first, externalName: db.example.com, addresses: [192.0.2.2], ports: [{name: tcp, port: 5432}], tls: {mode: SIMPLE}}
  - {name: second, externalName: db.example.com, addresses: [192.0.2.1, 192.0.2.2], ports: [{name: tcp-2, port: 5433}], tls: {mode: SIMPLE}}
`)
	want := []string{"192.0.2.1", "192.0.2.2"}
	if got := entries[0].Spec.Addresses; len(entries) != 1 || !slices.Equal(got, want) {
		t.Errorf("%d ServiceEntries, the first with the addresses %q; want one with %q", len(entries), got, want)
	}
}

// Servers get the name that they answer to as the Host; SNI may be another.
func TestHostIsTheServersName(t *testing.T) {
	for tls, host := range map[string]string{
		"serverName: shop.example.com, tls: {mode: SIMPLE, sni: edge.example.net}": "shop.example.com",
		"tls: {mode: SIMPLE, sni: edge.example.net}":                               "lb.example.org",
	} {
		routes := objectsOf[*networking.VirtualService](t,
			`externalNameServices: [{name: shop, externalName: lb.example.org, ports: [{name: http, port: 80, targetPort: 443}], `+tls+`}]`)
		if got := routes[0].Spec.Http[0].Rewrite.GetAuthority(); len(routes) != 1 || got != host {
			t.Errorf("%s: Host %q, want %q", tls, got, host)
		}
	}
}

// To the mesh, all that is not HTTP is TCP in the closed form: on the Service, where the workload's own TLS would else be
// matched by its SNI, and on the exit, whose address keeps it from taking the calls of others.
func TestBytesOfClosedServices(t *testing.T) {
	const values = `
externalNameServices:
  - name: api
    externalName: api.example.com
    serviceType: ClusterIP
    ports: [{name: http, port: 80}, {name: https, port: 443}, {name: redis, port: 6379}, {name: web, port: 8443, appProtocol: tls}]
    tls: {mode: DISABLE}
`
	want := map[uint32]string{80: "HTTP", 443: "TCP", 6379: "TCP", 8443: "TCP"}
	exits := objectsOf[*networking.ServiceEntry](t, values)
	for _, port := range exits[0].Spec.Ports {
		if port.Protocol != want[port.Number] {
			t.Errorf("the exit's port %d is %s, want %s", port.Number, port.Protocol, want[port.Number])
		}
	}
	for _, port := range objectsOf[*corev1.Service](t, values)[0].Spec.Ports {
		if protocol := ptr.Deref(port.AppProtocol, ""); (protocol == "tcp") != (want[uint32(port.Port)] == "TCP") {
			t.Errorf("the Service's port %d has the appProtocol %q", port.Port, protocol)
		}
	}
	if got := exits[0].Spec.Addresses; !slices.Equal(got, []string{"240.0.0.1"}) {
		t.Errorf("the exit has the addresses %q", got)
	}
}
