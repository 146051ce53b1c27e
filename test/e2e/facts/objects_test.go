//go:build e2e

// Package facts holds what the chart takes for granted about Istio, each claim
// as a test with YAML written by hand. When a new version of Istio changes one
// of them, it fails here first.
package facts

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// fact is a set of objects and what becomes of calls with them.
type fact struct {
	objects      []string
	registryOnly bool
	// from is the workload that calls.
	from  mesh.Workload
	calls []call
}

// call is the URL that a workload calls and the outcome in one line.
type call struct{ url, outcome string }

func (f fact) check(t *testing.T) {
	t.Helper()
	m := mesh.New(t, mesh.Options{Objects: f.objects, RegistryOnly: f.registryOnly})
	f.checkIn(t, m)
}

func (f fact) checkIn(t *testing.T, m *mesh.Mesh) {
	t.Helper()
	sidecar := m.Sidecar(f.from)
	assert.Empty(t, sidecar.Rejected(), "listeners that Envoy rejects")
	for _, c := range f.calls {
		assert.Equal(t, c.outcome, sidecar.Call(c.url).String(), c.url)
	}
}

// refused checks that istiod's validation refuses the object, saying why.
func refused(t *testing.T, object, why string) {
	t.Helper()
	objects, err := mesh.Split(object)
	require.NoError(t, err)
	_, err = mesh.Validate(objects[0])
	assert.ErrorContains(t, err, why)
}

// accepted checks that istiod's validation accepts the object.
func accepted(t *testing.T, object string) {
	t.Helper()
	objects, err := mesh.Split(object)
	require.NoError(t, err)
	_, err = mesh.Validate(objects[0])
	assert.NoError(t, err)
}

// The objects below take the interesting part of their spec as YAML.

func aliasService(name, target, ports string) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: default}
spec: {type: ExternalName, externalName: %s, ports: %s}
`, name, target, ports)
}

func clusterIPService(name, ip, ports string) string {
	return fmt.Sprintf(`
apiVersion: v1
kind: Service
metadata: {name: %s, namespace: default}
spec: {clusterIP: %s, ports: %s}
`, name, ip, ports)
}

func endpointSlice(service, family, addresses, ports string) string {
	return fmt.Sprintf(`
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: %[1]s-%[2]s, namespace: default, labels: {kubernetes.io/service-name: %[1]s}}
addressType: %[2]s
endpoints: [{addresses: %[3]s}]
ports: %[4]s
`, service, family, addresses, ports)
}

func serviceEntry(name, spec string) string {
	return istio("ServiceEntry", "default", name, spec)
}

func destinationRule(name, spec string) string {
	return istio("DestinationRule", "default", name, spec)
}

func virtualService(spec string) string {
	return istio("VirtualService", "default", "ext", spec)
}

func istio(kind, namespace, name, spec string) string {
	return fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: %s
metadata: {name: %s, namespace: %s}
spec:%s
`, kind, name, namespace, spec)
}

// entry is the ServiceEntry that the chart renders for ext.org: port 80 leads
// to 443 on the server, 443 is for workloads that send TLS themselves.
var entry = serviceEntry("ext", entrySpec)

const entrySpec = `
  hosts: [ext.org]
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
  - {name: http, number: 80, protocol: HTTP, targetPort: 443}
  - {name: https, number: 443, protocol: HTTPS}
`

// alias of ext.org with both ports.
var alias = aliasService("ext", "ext.org", `[{name: http, port: 80}, {name: https, port: 443}]`)

const ruleSpec = `
  host: ext.org
  trafficPolicy:
    portLevelSettings:
    - port: {number: 80}
      tls: {mode: SIMPLE, sni: ext.org, subjectAltNames: [ext.org]}
    - port: {number: 443}
      tls: {mode: DISABLE}
`

// rule originates TLS on port 80 and leaves 443 to the workload.
var rule = destinationRule("ext", ruleSpec)

const routeSpec = `
  hosts: [ext.default.svc.cluster.local]
  http:
  - match: [{port: 80}]
    rewrite: {authority: ext.org}
    route: [{destination: {host: ext.org, port: {number: 80}}}]
`

// route rewrites the Host header on port 80 of the alias.
var route = virtualService(routeSpec)

// Outcomes that come back often.
const (
	originated = "outbound|80||ext.org to ext.org:443 tls sni=ext.org names=ext.org ca=system host "
	tlsThrough = "outbound|443||ext.org to ext.org:443 plaintext"
	plaintext  = "outbound|80||ext.org to ext.org:443 plaintext host "
	passed80   = "PassthroughCluster to 203.0.113.1:80 plaintext"
	passed443  = "PassthroughCluster to 203.0.113.1:443 plaintext"
)
