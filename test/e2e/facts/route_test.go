//go:build e2e

package facts

import "testing"

func TestRouteRewritesEveryNameOfTheAlias(t *testing.T) {
	fact{objects: []string{alias, entry, rule, route}, calls: []call{
		{"http://ext", originated + "ext.org"},
		{"http://ext.default", originated + "ext.org"},
		{"http://ext.default.svc", originated + "ext.org"},
		{"http://ext.default.svc.cluster.local", originated + "ext.org"},
		{"http://ext:80", originated + "ext.org"},
		{"h2c://ext:80", originated + "ext.org"},
		{"http://ext.org", originated + "ext.org"},
	}}.check(t)
}

func TestRouteLeavesOtherPortsAlone(t *testing.T) {
	alias := aliasService("ext", "ext.org", `[{name: http, port: 80}, {name: https, port: 443}, {name: http-b, port: 8080}]`)
	entry := serviceEntry("ext", entrySpec+`  - {name: http-b, number: 8080, protocol: HTTP}
`)
	fact{objects: []string{alias, entry, rule, route}, calls: []call{
		{"http://ext:8080", "outbound|8080||ext.org to ext.org:8080 plaintext host ext:8080"},
		{"https://ext", tlsThrough},
		{"tls://ext:443", tlsThrough},
	}}.check(t)
}

// Why the alias always has its ports: without them only the FQDN is rewritten.
func TestRouteNeedsTheAliasToDeclareThePort(t *testing.T) {
	fact{objects: []string{aliasService("ext", "ext.org", `[]`), entry, rule, route}, calls: []call{
		{"http://ext.default.svc.cluster.local", originated + "ext.org"},
		{"http://ext", originated + "ext"},
	}}.check(t)
}

// Why the chart writes the match: without it the rule also takes port 80 of an
// alias that does not have one.
func TestRouteWithoutMatchTakesPort80(t *testing.T) {
	alias := aliasService("ext", "ext.org", `[{name: http-b, port: 8080}]`)
	entry := serviceEntry("ext", `
  hosts: [ext.org]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{name: http-b, number: 8080, protocol: HTTP}]
`)
	other := serviceEntry("other", `
  hosts: [other.org]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{name: http, number: 80, protocol: HTTP}]
`)
	spec := func(match string) string {
		return `
  hosts: [ext.default.svc.cluster.local]
  http:
  - ` + match + `route: [{destination: {host: ext.org, port: {number: 8080}}}]
`
	}
	const taken = "outbound|8080||ext.org to ext.org:8080 plaintext host ext.default.svc.cluster.local"
	call80 := "http://ext.default.svc.cluster.local"
	fact{objects: []string{alias, entry, other, virtualService(spec(""))}, calls: []call{
		{call80, taken},
	}}.check(t)
	fact{objects: []string{alias, entry, other, virtualService(spec("match: [{port: 8080}]\n    "))}, calls: []call{
		{call80, passed80 + " host ext.default.svc.cluster.local"},
		{"http://ext:8080", "outbound|8080||ext.org to ext.org:8080 plaintext host ext:8080"},
	}}.check(t)
}
