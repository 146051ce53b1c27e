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
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
    exportTo: [".", team-a]
`)
	m := mesh.New(t, mesh.Options{Objects: []string{ours.String(), teams}})
	for namespace, want := range map[string]string{
		"team-a": "outbound|80||host.example.com to host.example.com:443 tls sni=host.example.com names=host.example.com ca=system host host.example.com",
		"team-b": "outbound|80||host.example.com to host.example.com:80 plaintext host host.example.com",
	} {
		outcome := m.Sidecar(mesh.Workload{Namespace: namespace}).Call("http://host.example.com")
		assert.Equal(t, want, outcome.String(), namespace)
	}
}
