package refusals

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

const (
	theGateway = "egressGateway: {name: istio-egressgateway, namespace: istio-system, selector: {istio: egressgateway}}\n"
	mustPass   = "policy: {requireGateway: true}\n"
	passing    = mustPass + theGateway + `externalNameServices:
  - {name: api, externalName: api.example.com, through: gateway, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
`
	originating = `policy: {modes: [SIMPLE]}
externalNameServices:
  - {name: api, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
`
)

// circles are values against which several checks have something to say: what one advises, no other may refuse.
var circles = []struct {
	name, values string
	// ids of what is said, and the ways that none of it may offer
	ids, never []string
	// followed are the values after all the advice
	followed string
}{
	{
		name:     "hosts that are to pass a gateway",
		values:   mustPass + theGateway + `externalHosts: [{name: vendor, hosts: ["*.example.com"], through: gateway, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}]`,
		ids:      []string{"hosts-through-gateway", "policy-forbids"},
		never:    []string{"through: direct", "declare *.example.com"},
		followed: passing,
	},
	{
		name: "ambient pods that are to pass a gateway",
		values: mustPass + theGateway + `dataPlane: ambient
waypoint: {name: egress, namespace: waypoints}
externalNameServices: [{name: api, externalName: api.example.com, through: gateway, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}]`,
		ids:      []string{"ambient-gateway", "policy-forbids"},
		never:    []string{"through: direct", "waypoint"},
		followed: passing,
	},
	{
		name: "ambient pods that pass a gateway by default",
		values: mustPass + strings.Replace(theGateway, "}\n", ", default: gateway}\n", 1) + `dataPlane: both
externalNameServices: [{name: api, externalName: api.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}]`,
		ids:      []string{"ambient-gateway", "policy-forbids"},
		never:    []string{"through: direct", "waypoint"},
		followed: passing,
	},
	{
		name: "a mode that is missing where one is forbidden",
		values: `policy: {modes: [SIMPLE]}
externalNameServices: [{name: api, externalName: api.example.com, ports: [{name: tcp, port: 6379}]}]`,
		ids:      []string{"tls-missing"},
		never:    []string{"DISABLE"},
		followed: originating,
	},
	{
		name: "a mode that is missing where one is left",
		values: `policy: {modes: [MUTUAL]}
externalNameServices: [{name: api, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}]}]`,
		ids:   []string{"tls-missing"},
		never: []string{"DISABLE", "SIMPLE"},
		followed: `policy: {modes: [MUTUAL]}
externalNameServices:
  - {name: api, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: MUTUAL, credentialName: api}, exportTo: ["."], workloadSelector: {matchLabels: {app: a}}}
`,
	},
	{
		name: "a wildcard whose mode is forbidden",
		values: `policy: {modes: [SIMPLE]}
externalHosts:
  - {name: vendor, hosts: ["*.example.com"], ports: [{name: http, port: 80}], tls: {mode: DISABLE}}`,
		ids:      []string{"policy-forbids"},
		never:    []string{"set mode"},
		followed: originating,
	},
	{
		name: "a wildcard whose only mode is forbidden",
		values: `policy: {modes: [SIMPLE]}
externalHosts:
  - {name: vendor, hosts: ["*.example.com"], ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}`,
		ids:      []string{"wildcard-port"},
		never:    []string{"DISABLE"},
		followed: originating,
	},
	{
		name: "TLS twice where the mesh has to send it",
		values: `policy: {modes: [SIMPLE]}
externalNameServices:
  - {name: api, externalName: api.example.com, ports: [{name: https, port: 443}], tls: {mode: SIMPLE}}`,
		ids:      []string{"tls-twice"},
		never:    []string{"DISABLE"},
		followed: originating,
	},
	{
		name: "ambient pods where the mesh has to send TLS",
		values: `policy: {modes: [SIMPLE]}
dataPlane: ambient
externalNameServices:
  - {name: api, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}`,
		ids:      []string{"ambient-without-waypoint"},
		never:    []string{"DISABLE"},
		followed: "dataPlane: ambient\nwaypoint: {name: egress}\n" + originating,
	},
	{
		name: "a server that starts TLS itself where the mesh has to send it",
		values: `policy: {modes: [SIMPLE]}
externalNameServices:
  - {name: db, externalName: db.example.com, ports: [{name: mysql, port: 3306}], tls: {mode: SIMPLE}}`,
		ids: []string{"start-tls"},
		followed: `policy: {modes: [SIMPLE, DISABLE]}
externalNameServices:
  - {name: db, externalName: db.example.com, ports: [{name: mysql, port: 3306}], tls: {mode: DISABLE}}`,
	},
	{
		name: "TLS settings where the mesh may send none",
		values: `policy: {modes: [DISABLE]}
externalNameServices:
  - {name: api, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: DISABLE, sni: x.example.com}}`,
		ids:   []string{"plaintext-to-tls-port", "tls-disable-field"},
		never: []string{"SIMPLE", "MUTUAL"},
		followed: `policy: {modes: [DISABLE]}
externalNameServices:
  - {name: api, externalName: api.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}`,
	},
	{
		name: "ambient entries that are to say who sees them",
		values: `policy: {requireExportTo: true, exportTo: ["."]}
dataPlane: ambient
externalNameServices:
  - {name: api, externalName: api.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}`,
		ids: []string{"policy-forbids"},
		followed: `policy: {requireExportTo: true, exportTo: ["."]}
dataPlane: ambient
externalNameServices:
  - {name: api, externalName: api.example.com, exportTo: ["."], ports: [{name: http, port: 80}], tls: {mode: DISABLE}}`,
	},
}

func TestNoAdviceIsRefused(t *testing.T) {
	for _, circle := range circles {
		t.Run(circle.name, func(t *testing.T) {
			said := lint(t, circle.values)
			for _, id := range circle.ids {
				assert.Contains(t, said, "["+id+"]")
			}
			for _, way := range circle.never {
				assert.NotContains(t, said, way)
			}
			assert.Empty(t, lint(t, circle.followed))
		})
	}
}

// lint returns what the linter says about values, without the places that it refers to.
func lint(t *testing.T, values string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(file, []byte(values), 0o600))
	out, _ := project.Render(t, "lint", "-q", "-f", file)
	var said []string
	for line := range strings.Lines(string(out)) {
		if !strings.HasPrefix(line, " ") {
			said = append(said, line)
		}
	}
	return strings.Join(said, "")
}
