package lint_test

import (
	"fmt"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

// Hosts that two releases declare by their own names: the same host has one declaration in a namespace, and one for all who see
// two of them. An exact host and a wildcard are told apart by sidecars, and so are two wildcards: the longest name counts.
func TestHostsOfTwoReleases(t *testing.T) {
	const (
		entry    = "externalHosts:\n  - name: %s\n    hosts: [%s]\n    exportTo: [%s]\n    ports: [%s]\n    tls: {mode: %s}\n%s"
		https    = "{name: https, port: 443}"
		http     = "{name: http, port: 80}"
		original = "{name: http, port: 80, targetPort: 443}"
		address  = "    addresses: [192.0.2.1]\n"
		sql      = "{name: tcp-sql, port: 5432}"
	)
	type hosts struct{ host, exportTo, ports, mode, more string }
	values := func(name string, h hosts) string {
		return fmt.Sprintf(entry, name, h.host, h.exportTo, h.ports, h.mode, h.more)
	}
	const twice, elsewhere = "b.yaml:2:5 release-host-conflict (a.yaml:2:5)", "host-in-other-namespace (a.yaml:"
	exact, wildcard := hosts{"api.example.com", "'*'", https, "DISABLE", ""}, hosts{"'*.example.com'", "'*'", https, "DISABLE", ""}
	for name, test := range map[string]struct {
		a, b           hosts
		together       string // what is found where both are in one namespace
		apart          string // and where they are not
		apartIsWarning bool
	}{
		"the same host":     {a: exact, b: exact, together: twice},
		"the same wildcard": {a: wildcard, b: wildcard, together: twice},
		"a host on another port": {
			a: exact, b: hosts{"api.example.com", "'*'", http, "DISABLE", ""},
			together: twice, apart: "b.yaml:5:5 " + elsewhere + "5:5)", apartIsWarning: true,
		},
		"a wildcard on another port": {
			a: wildcard, b: hosts{"'*.example.com'", "'*'", http, "DISABLE", ""},
			together: twice, apart: "b.yaml:5:5 " + elsewhere + "5:5)", apartIsWarning: true,
		},
		"a host with TLS of the mesh and without": {
			a: hosts{"api.example.com", "'*'", original, "SIMPLE", ""}, b: hosts{"api.example.com", "'*'", http, "DISABLE", ""},
			together: twice, apart: "b.yaml:5:13 " + elsewhere + "5:13)",
		},
		"a host that the other release hides": {
			a: hosts{"api.example.com", ".", original, "SIMPLE", ""}, b: hosts{"api.example.com", "'*'", http, "DISABLE", ""},
			together: twice,
		},
		"a host that both hide": {
			a: hosts{"api.example.com", ".", original, "SIMPLE", ""}, b: hosts{"api.example.com", ".", http, "DISABLE", ""},
			together: twice,
		},
		"a host that both show to a third": {
			a: hosts{"api.example.com", "shop", original, "SIMPLE", ""}, b: hosts{"api.example.com", "shop", http, "DISABLE", ""},
			together: twice, apart: "b.yaml:5:13 " + elsewhere + "5:13)",
		},
		"a host under a wildcard":                         {a: exact, b: wildcard},
		"a wildcard over a host":                          {a: wildcard, b: exact},
		"a wildcard under a wildcard":                     {a: hosts{"'*.eu.example.com'", "'*'", https, "DISABLE", ""}, b: wildcard},
		"a host with TLS of the mesh, a wildcard without": {a: hosts{"api.example.com", "'*'", original, "SIMPLE", ""}, b: hosts{"'*.example.com'", "'*'", http, "DISABLE", ""}},
		"two hosts": {a: exact, b: hosts{"www.example.com", "'*'", https, "DISABLE", ""}},
		"two hosts at one address and port": {
			a: hosts{"db.example.com", "'*'", sql, "DISABLE", address}, b: hosts{"log.example.com", "'*'", sql, "DISABLE", address},
			together: "b.yaml:5:13 release-host-conflict (a.yaml:5:13)", apart: "b.yaml:5:13 release-host-conflict (a.yaml:5:13)",
		},
		"two hosts at one address and port, which no namespace sees together": {
			a: hosts{"db.example.com", "shop", sql, "DISABLE", address}, b: hosts{"log.example.com", "billing", sql, "DISABLE", address},
		},
		"TCP at the address of HTTP": {
			a: hosts{"db.example.com", "'*'", "{name: tcp-a, port: 80}", "DISABLE", address}, b: hosts{"log.example.com", "'*'", http, "DISABLE", address},
			together: "b.yaml:5:13 release-host-conflict (a.yaml:5:13)", apart: "b.yaml:5:13 release-host-conflict (a.yaml:5:13)",
		},
		"HTTP at one address, told apart by the request": {
			a: hosts{"db.example.com", "'*'", http, "DISABLE", address}, b: hosts{"log.example.com", "'*'", http, "DISABLE", address},
		},
		"two hosts at one address, told apart by port": {
			a: hosts{"db.example.com", "'*'", sql, "DISABLE", address}, b: hosts{"log.example.com", "'*'", "{name: tcp-log, port: 5433}", "DISABLE", address},
		},
	} {
		t.Run(name, func(t *testing.T) {
			files(t, map[string]string{"a.yaml": values("a", test.a), "b.yaml": values("b", test.b)})
			for namespace, want := range map[string]string{"team-a": test.together, "team-b": test.apart} {
				findings := lintBeside(t, namespace)
				if want == "" {
					expect(t, lines(findings))
					continue
				}
				expect(t, lines(findings), want)
				if warned := findings[0].Severity == lint.Warning; warned != (namespace == "team-b" && test.apartIsWarning) {
					t.Errorf("in namespace %s: %s: %s", namespace, findings[0].Severity, findings[0].Message)
				}
			}
		})
	}
}

// Within a release the chart says what is wrong with a host, and nothing else does.
func TestHostTwiceInARelease(t *testing.T) {
	const values = `externalNameServices:
  api: {externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
  exit: {externalName: api.default.egress.internal, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}
`
	files(t, map[string]string{"values.yaml": values})
	got := lintFiles(t, lint.Options{}, render.ValuesOptions{Files: []string{"values.yaml"}})
	expect(t, got, "values.yaml:3:24 external-name-itself")
}
