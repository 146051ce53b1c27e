//go:build e2e

package facts

import (
	"testing"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// The recipe of Istio's own task: it has had no effect since Istio 1.21.
func TestRuleOnAliasHasNoEffect(t *testing.T) {
	onAlias := destinationRule("alias", `
  host: ext.default.svc.cluster.local
  trafficPolicy: {tls: {mode: SIMPLE, sni: ext.org, subjectAltNames: [ext.org]}}
`)
	objects := []string{alias, onAlias}
	fact{objects: objects, calls: []call{{"http://ext", passed80}, {"https://ext", passed443}}}.check(t)
	fact{objects: objects, registryOnly: true, calls: []call{
		{"http://ext", mesh.BlackHole}, {"https://ext", mesh.BlackHole},
	}}.check(t)
}

func TestServiceEntryMakesAliasWork(t *testing.T) {
	calls := []call{
		{"http://ext", originated + "ext"},
		{"http://ext.default", originated + "ext.default"},
		{"http://ext.default.svc", originated + "ext.default.svc"},
		{"http://ext.default.svc.cluster.local", originated + "ext.default.svc.cluster.local"},
		{"http://ext.default.svc.cluster.local:80", originated + "ext.default.svc.cluster.local:80"},
		{"http://ext.org", originated + "ext.org"},
		{"h2c://ext:80", originated + "ext:80"},
		{"https://ext", tlsThrough},
		{"https://ext.default.svc.cluster.local", tlsThrough},
		{"https://ext.org", tlsThrough},
		{"tls://ext:443", tlsThrough},
	}
	objects := []string{alias, entry, rule}
	fact{objects: objects, calls: append(calls,
		call{"http://other.org", passed80 + " host other.org"},
		call{"https://other.org", passed443},
	)}.check(t)
	fact{objects: objects, registryOnly: true, calls: append(calls,
		call{"http://other.org", "status 502"},
		call{"https://other.org", mesh.BlackHole},
		call{"http://ext:8080", mesh.BlackHole},
	)}.check(t)
}

func TestAliasWorksFromOtherNamespaces(t *testing.T) {
	fact{objects: []string{alias, entry, rule, route}, from: mesh.Workload{Namespace: "other"}, calls: []call{
		{"http://ext.default", originated + "ext.org"},
		{"https://ext.default", tlsThrough},
		{"http://ext", passed80 + " host ext"},
	}}.check(t)
}

func TestAliasWorksFromIPv6Pods(t *testing.T) {
	fact{objects: []string{alias, entry, rule, route}, from: mesh.Workload{IP: "2001:db8::9"}, calls: []call{
		{"http://ext", originated + "ext.org"},
		{"https://ext", tlsThrough},
	}}.check(t)
}

func TestSeveralAliasesOfAHost(t *testing.T) {
	second := aliasService("second", "ext.org", `[{name: http-b, port: 8080}]`)
	entry := serviceEntry("ext", entrySpec+`  - {name: http-b, number: 8080, protocol: HTTP}
`)
	fact{objects: []string{alias, second, entry, rule, route}, registryOnly: true, calls: []call{
		{"http://ext", originated + "ext.org"},
		{"http://second:8080", "outbound|8080||ext.org to ext.org:8080 plaintext host second:8080"},
		{"http://second", originated + "second"},
		{"https://second", tlsThrough},
	}}.check(t)
}

func TestTargetWithDotOrUpperCaseIsNotAttached(t *testing.T) {
	ports := `[{name: http, port: 80}]`
	objects := []string{aliasService("dot", "ext.org.", ports), aliasService("upper", "EXT.org", ports), entry, rule}
	fact{objects: objects, calls: []call{
		{"http://dot", passed80 + " host dot"},
		{"http://upper", passed80 + " host upper"},
	}}.check(t)
}

func TestServerNameThatDiffersFromTheHost(t *testing.T) {
	objects := []string{
		aliasService("ext", "lb.provider.net", `[{name: http, port: 80}]`),
		serviceEntry("ext", `
  hosts: [lb.provider.net]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{name: http, number: 80, protocol: HTTP, targetPort: 443}]
`),
		destinationRule("ext", `
  host: lb.provider.net
  trafficPolicy:
    portLevelSettings:
    - port: {number: 80}
      tls: {mode: SIMPLE, sni: api.corp.com, subjectAltNames: [api.corp.com]}
`),
		virtualService(`
  hosts: [ext.default.svc.cluster.local]
  http:
  - match: [{port: 80}]
    rewrite: {authority: api.corp.com}
    route: [{destination: {host: lb.provider.net, port: {number: 80}}}]
`),
	}
	fact{objects: objects, calls: []call{
		{"http://ext", "outbound|80||lb.provider.net to lb.provider.net:443 tls sni=api.corp.com names=api.corp.com ca=system host api.corp.com"},
	}}.check(t)
}

func TestAliasOfAServiceInTheCluster(t *testing.T) {
	local := clusterIPService("local", "10.96.0.20", `[{name: http, port: 80, targetPort: 8080}, {name: tcp, port: 5432}]`)
	slice := endpointSlice("local", "IPv4", "[10.244.0.50]", `[{name: http, port: 8080}, {name: tcp, port: 5432}]`)
	ports := `[{name: http, port: 80}, {name: tcp, port: 5432}]`
	objects := []string{
		local, slice,
		aliasService("back", "local.default.svc.cluster.local", ports),
		aliasService("chain", "back.default.svc.cluster.local", ports),
		aliasService("short", "local.default.svc", ports),
	}
	fact{objects: objects, registryOnly: true, calls: []call{
		{"http://back", "outbound|80||local.default.svc.cluster.local to 10.244.0.50:8080 plaintext host back"},
		{"tcp://back:5432", "outbound|5432||local.default.svc.cluster.local to 10.244.0.50:5432 plaintext"},
		{"http://chain", "outbound|80||local.default.svc.cluster.local to 10.244.0.50:8080 plaintext host chain"},
		{"http://short", "status 502"},
	}}.check(t)
}

// Of several ServiceEntries for a host the client's own namespace comes first,
// then the oldest: aliases attach to whichever that is.
func TestHostInSeveralNamespaces(t *testing.T) {
	in := func(namespace string) []string {
		return []string{
			istio("ServiceEntry", namespace, "ext", entrySpec),
			istio("DestinationRule", namespace, "ext", `
  host: ext.org
  trafficPolicy: {tls: {mode: SIMPLE, sni: `+namespace+`, subjectAltNames: [`+namespace+`]}}
`),
		}
	}
	objects := append(in("one"), in("two")...)
	objects = append(objects, alias)
	m := mesh.New(t, mesh.Options{Objects: objects})
	for namespace, winner := range map[string]string{"one": "one", "two": "two", "three": "one"} {
		fact{from: mesh.Workload{Namespace: namespace}, calls: []call{
			{"http://ext.default", "outbound|80||ext.org to ext.org:443 tls sni=" + winner + " names=" + winner + " ca=system host ext.default"},
		}}.checkIn(t, m)
	}
}
