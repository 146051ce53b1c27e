//go:build e2e

package facts

import "testing"

// What the linter says of manifests that people wrote by hand.

const missing = "error: the route leads to cluster "

// A ServiceEntry for the name of an alias never gives it endpoints, and its TCP
// port takes the traffic of all others.
func TestEntryForAnAliasHasNoEndpoints(t *testing.T) {
	for _, resolution := range []string{
		"DNS", "DNS\n  endpoints: [{address: ext.org}]", "STATIC\n  endpoints: [{address: 192.0.2.8}]",
	} {
		fact{objects: []string{aliasService("ext", "ext.org", `[{name: tcp, port: 5432}]`), serviceEntry("ext", `
  hosts: [ext.default.svc.cluster.local]
  ports: [{name: tcp, number: 5432, protocol: TCP}]
  resolution: `+resolution+"\n")}, calls: []call{
			{"tcp://ext:5432", missing + "outbound|5432||ext.default.svc.cluster.local, which does not exist"},
			{"tcp://other.org:5432", missing + "outbound|5432||ext.default.svc.cluster.local, which does not exist"},
		}}.check(t)
	}
}

// One for the name of a Service without selector does with STATIC alone; an
// address keeps its TCP port from taking the traffic of others.
func TestEntryForAServiceNeedsStatic(t *testing.T) {
	const cluster = "outbound|5432||db.default.svc.cluster.local to "
	spec := func(resolution string) string {
		return serviceEntry("db", `
  hosts: [db.default.svc.cluster.local]
  ports: [{name: tcp-db, number: 5432, protocol: TCP}]
  resolution: `+resolution+"\n")
	}
	service := clusterIPService("db", "10.96.0.7", `[{name: tcp-db, port: 5432}]`)
	fact{objects: []string{service, spec("DNS\n  endpoints: [{address: db.org}]")}, calls: []call{
		{"tcp://db:5432", cluster + " plaintext"},
		{"tcp://other.org:5432", cluster + " plaintext"},
	}}.check(t)
	fact{objects: []string{service, spec("STATIC\n  endpoints: [{address: 192.0.2.8}]")}, calls: []call{
		{"tcp://db:5432", cluster + "192.0.2.8:5432 plaintext"},
		{"tcp://other.org:5432", cluster + "192.0.2.8:5432 plaintext"},
	}}.check(t)
	fact{objects: []string{service, spec("STATIC\n  addresses: [192.0.2.8]\n  endpoints: [{address: 192.0.2.8}]")}, calls: []call{
		{"tcp://db:5432", cluster + "192.0.2.8:5432 plaintext"},
		{"tcp://other.org:5432", "PassthroughCluster to 203.0.113.1:5432 plaintext"},
	}}.check(t)
}

func httpEntry(name, more, port string) string {
	return serviceEntry(name, `
  hosts: [ext.org]
  location: MESH_EXTERNAL
  resolution: DNS
`+more+"  ports: ["+port+"]\n")
}

// Ports of two entries for a host in one namespace add up; of a port in both,
// the servers of both are called.
func TestEntriesOfAHostAreJoined(t *testing.T) {
	https := httpEntry("b", "", "{name: https, number: 443, protocol: HTTPS}")
	fact{objects: []string{httpEntry("a", "", "{name: http, number: 80, protocol: HTTP}"), https}, calls: []call{
		{"http://ext.org", "outbound|80||ext.org to ext.org:80 plaintext host ext.org"},
		{"https://ext.org", tlsThrough},
	}}.check(t)
	fact{objects: []string{
		httpEntry("a", "", "{name: http, number: 80, protocol: HTTP, targetPort: 443}"),
		httpEntry("b", "", "{name: http, number: 80, protocol: HTTP}"), rule,
	}, calls: []call{
		{"http://ext.org", "outbound|80||ext.org to ext.org:443,ext.org:80 tls sni=ext.org names=ext.org ca=system host ext.org"},
	}}.check(t)
}

// Entries that are unlike are not joined: one of them has a listener that leads
// nowhere.
func TestUnlikeEntriesOfAHostAreNot(t *testing.T) {
	fact{objects: []string{
		httpEntry("a", "  exportTo: [\".\"]\n", "{name: http, number: 80, protocol: HTTP}"),
		httpEntry("b", "", "{name: https, number: 443, protocol: HTTPS}"),
	}, calls: []call{
		{"http://ext.org", "outbound|80||ext.org to ext.org:80 plaintext host ext.org"},
		{"https://ext.org", missing + "outbound|443||ext.org, which does not exist"},
	}}.check(t)
}

// A namespace sees its own declaration of a host alone.
func TestNamespacesSeeTheirOwnEntries(t *testing.T) {
	objects := []string{
		httpEntry("a", "  exportTo: [\".\"]\n", "{name: http, number: 80, protocol: HTTP}"),
		istio("ServiceEntry", "team-b", "b", `
  hosts: [ext.org]
  resolution: DNS
  ports: [{name: https, number: 443, protocol: HTTPS}]
`),
	}
	fact{objects: objects, calls: []call{
		{"http://ext.org", "outbound|80||ext.org to ext.org:80 plaintext host ext.org"},
		{"https://ext.org", passed443},
	}}.check(t)
}

// Sidecars follow routes of a kind on ports of its protocols alone, and not to
// what nobody declares.
func TestRoutesOfAKind(t *testing.T) {
	const (
		toOther = "route: [{destination: {host: other.org, port: {number: 443}}}]}]\n"
		direct  = "outbound|80||ext.org to ext.org:80 plaintext host ext.org"
	)
	other := serviceEntry("other", `
  hosts: [other.org]
  resolution: DNS
  ports: [{name: https, number: 443, protocol: HTTPS}]
`)
	http := httpEntry("a", "", "{name: http, number: 80, protocol: HTTP}")
	https := httpEntry("a", "", "{name: https, number: 443, protocol: HTTPS}")
	to := func(route string) string { return virtualService("\n  hosts: [ext.org]\n  " + route) }
	fact{objects: []string{http, other, to("tls: [{match: [{sniHosts: [ext.org]}], " + toOther)}, calls: []call{{"http://ext.org", direct}}}.check(t)
	fact{objects: []string{http, other, to("tcp: [{" + toOther)}, calls: []call{{"http://ext.org", direct}}}.check(t)
	fact{objects: []string{https, other, to("http: [{" + toOther)}, calls: []call{{"https://ext.org", tlsThrough}}}.check(t)
	fact{objects: []string{https, other, to("tcp: [{match: [{port: 443}], " + toOther)}, calls: []call{{"https://ext.org", tlsThrough}}}.check(t)
	fact{objects: []string{http, to("http: [{" + toOther)}, calls: []call{
		{"http://ext.org", missing + "outbound|443||other.org, which does not exist"},
	}}.check(t)
	// Without a port, the route leads to the one that was called.
	fact{objects: []string{http, other, to("http: [{route: [{destination: {host: other.org}}]}]\n")}, calls: []call{
		{"http://ext.org", missing + "outbound|80||other.org, which does not exist"},
	}}.check(t)
}

// HTTP on port 443 leaves the HTTPS of others alone.
func TestHTTPOn443(t *testing.T) {
	fact{objects: []string{httpEntry("a", "", "{name: http, number: 443, protocol: HTTP}"), serviceEntry("other", `
  hosts: [other.org]
  resolution: DNS
  ports: [{name: https, number: 443, protocol: HTTPS}]
`)}, calls: []call{
		{"http://ext.org:443", "outbound|443||ext.org to ext.org:443 plaintext host ext.org:443"},
		{"https://other.org", "outbound|443||other.org to other.org:443 plaintext"},
		{"https://unknown.org", passed443},
	}}.check(t)
}
