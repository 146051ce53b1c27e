//go:build e2e

package sidecar

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// Rules of the root namespace hold everywhere unless exportTo says otherwise:
// another team's own entry for the host must stay as that team wrote it.
func TestRulesOfTheRootNamespaceStayWhereTheyAreExportedTo(t *testing.T) {
	const teams = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: theirs, namespace: team-b}
spec:
  hosts: [host.example.com]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{name: http, number: 80, protocol: HTTP}]
  exportTo: ["."]
`
	ours := rendered(t, `
externalNameServices:
  - name: alias
    namespace: istio-system
    externalName: host.example.com
    serviceType: ExternalName
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
    exportTo: [".", team-a]
`)
	m := mesh.New(t, mesh.Options{Objects: []string{ours.String(), teams}})
	const (
		cluster    = "outbound|80||host.example.com to "
		originated = cluster + "host.example.com:443 tls sni=host.example.com names=host.example.com ca=system host host.example.com"
		theirs     = cluster + "host.example.com:80 plaintext host "
	)
	for namespace, want := range map[string]map[string]string{
		"team-a": {"http://host.example.com": originated, "http://alias.istio-system.svc.cluster.local": originated},
		"team-b": {"http://host.example.com": theirs + "host.example.com", "http://alias.istio-system.svc.cluster.local": theirs + "alias.istio-system.svc.cluster.local"},
	} {
		sidecar := m.Sidecar(mesh.Workload{Namespace: namespace})
		assert.Empty(t, sidecar.Rejected(), "listeners that Envoy rejects")
		for url, outcome := range want {
			assert.Equal(t, outcome, sidecar.Call(url).String(), "%s from %s", url, namespace)
		}
	}
}
