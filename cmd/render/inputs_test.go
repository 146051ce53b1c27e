package main

import (
	"strings"
	"testing"
)

// Fields that most entries below have.
const (
	httpDisable = "ports: [{name: http, port: 80}]\n    tls: {mode: DISABLE}\n"
	httpSimple  = "ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n"
)

// What people wrote, and what was accepted or misunderstood once: each has its right outcome. Those of manifests are in
// lint/manifests/testdata.
func TestValuesThatOnceSlippedThrough(t *testing.T) {
	alias := func(host, fields string) string {
		return "externalNameServices:\n  a:\n    externalName: " + host + "\n    " + fields
	}
	open := "    serviceType: ExternalName\n"
	for name, tc := range map[string]struct {
		values, id string // no id: no problems
	}{
		"closed, called from another namespace": {alias("api.example.com", httpSimple), ""},
		"open by choice, two labels":            {alias("payments.dev", httpDisable), "external-name-two-labels"},
		"two labels, the namespace is there":    {alias("payments.dev", httpDisable) + "    namespace: dev\n", "external-name-is-service"},
		"a header of two lines": {
			alias("api.example.com", httpDisable) + "    trafficPolicy: {loadBalancer: {consistentHash: {httpHeaderName: \"a\\nb\"}}}\n", "schema-pattern",
		},
		"another SNI, closed": {alias("lb.example.net", "serverName: api.example.com\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n"), ""},
		"another SNI, open": {
			alias("lb.example.net", "serverName: api.example.com\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n") + open, "sni-not-external-name",
		},
		"of a newer Istio":         {alias("api.example.com", httpDisable) + "    trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 5s}}}}\n", "newer-istio"},
		"an alias of an alias":     {alias("b.default.svc.cluster.local", "ports: [{name: http, port: 80}]\n") + "  b:\n    externalName: api.example.com\n    " + httpSimple, "alias-of-alias"},
		"an injected namespace":    {alias("api.example.com", httpDisable) + "    namespace: \"x\\nkind: Secret\"\n", "schema-pattern"},
		"switched off":             {"enabled: false\n" + alias("api.example.com", httpDisable), "schema-conflict"},
		"switched on by a parent":  {"enabled: true\n" + alias("api.example.com", httpDisable), ""},
		"an entry with a switch":   {alias("api.example.com", httpDisable) + "    enabled: false\n", "schema-conflict"},
		"a template":               {alias("'{{ .Values.host }}'", httpDisable), "external-name-invalid"},
		"anchors at the top":       {"x-simple: &s {mode: SIMPLE}\n" + alias("api.example.com", httpDisable), "schema-unknown-field"},
		"anchors under global":     {"global: {x: &s {mode: DISABLE}}\n" + alias("api.example.com", "ports: [{name: http, port: 80}]\n    tls: *s\n"), ""},
		"a number in quotes":       {alias("api.example.com", "ports: [{name: http, port: \"80\"}]\n    tls: {mode: DISABLE}\n"), "schema-type"},
		"another word for a field": {"externalNameServices:\n  a:\n    host: api.example.com\n    " + httpDisable, "schema-unknown-field"},
	} {
		t.Run(name, func(t *testing.T) {
			_, stdout, stderr := execute(tc.values, "lint", "-f", "-", "--quiet")
			if stderr != "" || tc.id == "" && stdout != "" || tc.id != "" && !strings.Contains(stdout, "["+tc.id+"]") {
				t.Errorf("want [%s]:\n%s%s", tc.id, stdout, stderr)
			}
		})
	}
}
