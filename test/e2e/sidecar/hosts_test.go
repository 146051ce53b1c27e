//go:build e2e

package sidecar

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// hosts are called by their own names, beside local names and other wildcards for some of them.
const hosts = `
externalHosts:
  - name: partner
    hosts: [api.partner.example, www.partner.example]
    ports: [{name: http, port: 80, targetPort: 443}, {name: https, port: 443, tls: {mode: DISABLE}}]
    tls: {mode: SIMPLE}
    trafficPolicy: {connectionPool: {tcp: {maxConnections: 7}}}
  - name: partner-below
    hosts: ["*.partner.example", "*.deep.partner.example"]
    ports: [{name: http, port: 80}, {name: https, port: 443}]
    tls: {mode: DISABLE}
  - name: database
    hosts: [db.vendor.example]
    addresses: [192.0.2.10]
    ports: [{name: tcp-db, port: 5432, targetPort: 5433}]
    tls: {mode: DISABLE}
  - name: hidden
    namespace: team-a
    hosts: [api.hidden.example]
    ports: [{name: https, port: 443}]
    tls: {mode: DISABLE}
    exportTo: ["."]
externalNameServices:
  - name: alias
    externalName: api.partner.example
    ports: [{name: http, port: 80, targetPort: 8443}]
    tls: {mode: SIMPLE}
    serverName: other.partner.example
`

// The wildcards cover hosts with TLS of the mesh: the longest name counts, whatever was declared first.
func TestHostsByTheirOwnNames(t *testing.T) {
	objects := rendered(t, hosts)
	everyObjectHasAnEffect(t, objects)
	const (
		original = "outbound|80||api.partner.example to api.partner.example:443 tls sni=api.partner.example names=api.partner.example ca=system host api.partner.example"
		closed   = "outbound|80|as-declared|alias.default.egress.internal to api.partner.example:8443 tls sni=other.partner.example names=other.partner.example ca=system host other.partner.example"
	)
	for _, wide := range []string{"", meshWide["mutual TLS for the cluster"]} {
		for _, registryOnly := range []bool{false, true} {
			m := mesh.New(t, mesh.Options{Objects: []string{objects.String(), wide}, RegistryOnly: registryOnly})
			elsewhere := func(passes string) string {
				if registryOnly {
					return "BlackHoleCluster"
				}
				return passes
			}
			for namespace, want := range map[string]map[string]string{
				"default": {
					"http://api.partner.example":     original,
					"http://www.partner.example":     "outbound|80||www.partner.example to www.partner.example:443 tls sni=www.partner.example names=www.partner.example ca=system host www.partner.example",
					"https://api.partner.example":    "outbound|443||api.partner.example to api.partner.example:443 plaintext",
					"http://alias":                   closed,
					"http://new.partner.example":     "outbound|80||*.partner.example to 203.0.113.1:80 plaintext host new.partner.example",
					"https://new.partner.example":    "outbound|443||*.partner.example to 203.0.113.1:443 plaintext",
					"https://a.deep.partner.example": "outbound|443||*.deep.partner.example to 203.0.113.1:443 plaintext",
					"tcp://192.0.2.10:5432":          "outbound|5432||db.vendor.example to db.vendor.example:5433 plaintext",
					"tcp://192.0.2.99:5432":          elsewhere("PassthroughCluster to 192.0.2.99:5432 plaintext"),
					"https://api.hidden.example":     elsewhere("PassthroughCluster to 203.0.113.1:443 plaintext"),
				},
				"team-a": {
					"http://api.partner.example": original,
					"https://api.hidden.example": "outbound|443||api.hidden.example to api.hidden.example:443 plaintext",
				},
			} {
				sidecar := m.Sidecar(mesh.Workload{Namespace: namespace})
				assert.Empty(t, sidecar.Rejected(), "listeners that Envoy rejects")
				for url, outcome := range want {
					assert.Equal(t, outcome, sidecar.Call(url).String(), "%s from %s, REGISTRY_ONLY %v", url, namespace, registryOnly)
				}
			}
		}
	}
}
