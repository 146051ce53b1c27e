//go:build e2e

package facts

import (
	"testing"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

var (
	wiki = clusterIPService("wiki", "10.96.0.10",
		`[{name: tls, port: 443}, {name: http, port: 80, targetPort: 443}, {name: tcp, port: 5432}]`)
	wikiSlice = endpointSlice("wiki", "IPv4", "[91.198.174.192]",
		`[{name: tls, port: 443}, {name: http, port: 443}, {name: tcp, port: 5432}]`)
	wikiSlice6 = endpointSlice("wiki", "IPv6", `["2620:0:862:ed1a::1"]`,
		`[{name: tls, port: 443}, {name: http, port: 443}, {name: tcp, port: 5432}]`)
	wikiRule = destinationRule("wiki", `
  host: wiki.default.svc.cluster.local
  trafficPolicy:
    portLevelSettings:
    - port: {number: 443}
      tls: {mode: DISABLE}
    - port: {number: 80}
      tls: {mode: SIMPLE, sni: wiki.org, subjectAltNames: [wiki.org]}
    - port: {number: 5432}
      tls: {mode: DISABLE}
`)
)

const (
	wikiTo         = "||wiki.default.svc.cluster.local to "
	wikiOriginated = "outbound|80" + wikiTo + "91.198.174.192:443 tls sni=wiki.org names=wiki.org ca=system host "
	wikiBoth       = "91.198.174.192:443,[2620:0:862:ed1a::1]:443 "
)

func TestEndpointSlicesServeTheService(t *testing.T) {
	calls := []call{
		{"tls://wiki:443", "outbound|443" + wikiTo + wikiBoth + "plaintext"},
		{"http://wiki", "outbound|80" + wikiTo + wikiBoth + "tls sni=wiki.org names=wiki.org ca=system host wiki"},
		{"tcp://wiki:5432", "outbound|5432" + wikiTo + "91.198.174.192:5432,[2620:0:862:ed1a::1]:5432 plaintext"},
		{"tcp://192.0.2.7:5432", "PassthroughCluster to 192.0.2.7:5432 plaintext"},
	}
	fact{objects: []string{wiki, wikiSlice, wikiSlice6, wikiRule}, calls: calls}.check(t)
}

func TestEndpointsWithoutPodsAreCalledInPlaintext(t *testing.T) {
	fact{objects: []string{wiki, wikiSlice}, calls: []call{
		{"tls://wiki:443", "outbound|443" + wikiTo + "91.198.174.192:443 plaintext"},
		{"http://wiki", "outbound|80" + wikiTo + "91.198.174.192:443 plaintext host wiki"},
	}}.check(t)
}

func TestMeshWideMutualTLSOnEndpoints(t *testing.T) {
	wide := istio("DestinationRule", mesh.RootNamespace, "wide", `
  host: "*.local"
  trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}
`)
	fact{objects: []string{wide, wiki, wikiSlice}, calls: []call{
		{"tls://wiki:443", "outbound|443" + wikiTo + "91.198.174.192:443 " +
			"tls sni=outbound_.443_._.wiki.default.svc.cluster.local names= ca=ROOTCA certificate=default"},
	}}.check(t)
	fact{objects: []string{wide, wiki, wikiSlice, wikiRule}, calls: []call{
		{"tls://wiki:443", "outbound|443" + wikiTo + "91.198.174.192:443 plaintext"},
		{"http://wiki", wikiOriginated + "wiki"},
	}}.check(t)
}

const staticSpec = `
  hosts: [wiki.default.svc.cluster.local]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports:
  - {name: tls, number: 443, protocol: TLS}
  - {name: http, number: 80, protocol: HTTP, targetPort: 443}
  - {name: tcp, number: 5432, protocol: TCP}
  endpoints: [{address: 91.198.174.192}, {address: "2620:0:862:ed1a::1"}]
`

// For those who cannot write EndpointSlices: a ServiceEntry with the Service's
// own name lends it its endpoints, visible to nobody (~) or to everybody.
func TestServiceEntryLendsItsEndpoints(t *testing.T) {
	calls := []call{
		{"tls://wiki.default:443", "outbound|443" + wikiTo + wikiBoth + "plaintext"},
		{"http://wiki.default", "outbound|80" + wikiTo + wikiBoth + "tls sni=wiki.org names=wiki.org ca=system host wiki.default"},
		{"tcp://wiki.default:5432", "outbound|5432" + wikiTo + "91.198.174.192:5432,[2620:0:862:ed1a::1]:5432 plaintext"},
	}
	for _, exportTo := range []string{"", `  exportTo: ["~"]` + "\n"} {
		objects := []string{wiki, wikiRule, serviceEntry("wiki", staticSpec+exportTo)}
		for _, namespace := range []string{"default", "other"} {
			fact{objects: objects, from: mesh.Workload{Namespace: namespace}, calls: calls}.check(t)
		}
	}
}

// Why that ServiceEntry must be visible to nobody: its tcp port has no address,
// so the sidecar takes every destination on it.
func TestVisibleServiceEntryTakesThePortOfOthers(t *testing.T) {
	elsewhere := "tcp://192.0.2.7:5432"
	fact{objects: []string{wiki, wikiRule, serviceEntry("wiki", staticSpec)}, calls: []call{
		{elsewhere, "outbound|5432" + wikiTo + "91.198.174.192:5432,[2620:0:862:ed1a::1]:5432 plaintext"},
	}}.check(t)
	fact{objects: []string{wiki, wikiRule, serviceEntry("wiki", staticSpec+`  exportTo: ["~"]`+"\n")}, calls: []call{
		{elsewhere, "PassthroughCluster to 192.0.2.7:5432 plaintext"},
	}}.check(t)
}

func TestServiceEntryNeedsTheServicesPortNames(t *testing.T) {
	entry := serviceEntry("wiki", `
  hosts: [wiki.default.svc.cluster.local]
  location: MESH_EXTERNAL
  resolution: STATIC
  ports: [{name: other, number: 443, protocol: TLS}]
  endpoints: [{address: 91.198.174.192}]
  exportTo: ["~"]
`)
	fact{objects: []string{wiki, entry}, calls: []call{{"tls://wiki:443", "outbound|443" + wikiTo + " plaintext"}}}.check(t)
}
