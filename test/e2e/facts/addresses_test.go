//go:build e2e

package facts

import (
	"testing"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

const databaseSpec = `
  hosts: [ext.org]
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
  - {name: http, number: 80, protocol: HTTP, targetPort: 443}
  - {name: https, number: 443, protocol: HTTPS}
  - {name: tcp, number: 5432, protocol: TCP}
`

const toDatabase = "outbound|5432||ext.org to ext.org:5432 plaintext"

func TestTCPPortWithoutAddressesTakesThePortOfOthers(t *testing.T) {
	fact{objects: []string{alias, serviceEntry("ext", databaseSpec)}, calls: []call{
		{"tcp://ext:5432", toDatabase},
		{"tcp://192.0.2.7:5432", toDatabase},
	}}.check(t)
}

func TestTCPPortWithAddresses(t *testing.T) {
	for name, ip := range map[string]string{"IPv4": "203.0.113.77", "IPv6": "2001:db8::5"} {
		t.Run(name, func(t *testing.T) {
			entry := serviceEntry("ext", databaseSpec+`  addresses: ["`+ip+`"]`+"\n")
			fact{objects: []string{alias, entry, rule}, calls: []call{
				{"tcp://ext:5432", toDatabase},
				{"tcp://192.0.2.7:5432", "PassthroughCluster to 192.0.2.7:5432 plaintext"},
				{"http://ext", originated + "ext"},
				{"https://ext", tlsThrough},
			}}.check(t)
		})
	}
}

// With addresses a port of TLS is told by IP and no longer by SNI: an address
// that is missing in the list is lost.
func TestAddressesBindPortsOfTLS(t *testing.T) {
	elsewhere := serviceEntry("ext", databaseSpec+"  addresses: [203.0.113.77]\n")
	m := mesh.New(t, mesh.Options{Objects: []string{alias, elsewhere, rule}})
	sidecar := m.Sidecar(mesh.Workload{})
	fact{calls: []call{{"https://203.0.113.77", tlsThrough}, {"https://203.0.113.78", "PassthroughCluster to 203.0.113.78:443 plaintext"}}}.checkIn(t, m)
	if got := sidecar.CallAt("203.0.113.78", "https://ext.org").Cluster; got != mesh.Passthrough {
		t.Errorf("https://ext.org at an address that is not listed takes %s", got)
	}
}

func TestAddressesMustBePlain(t *testing.T) {
	refused(t, serviceEntry("ext", databaseSpec+"  addresses: [203.0.113.0/24]\n"), "CIDR addresses are allowed only for NONE/STATIC")
}
