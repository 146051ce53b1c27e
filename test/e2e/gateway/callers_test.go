//go:build e2e

package gateway

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

const limited = `
egressGateway: {name: istio-egressgateway, namespace: istio-system, selector: {istio: egressgateway}, default: gateway}
externalNameServices:
- name: limited
  externalName: a.example.com
  allowFrom: {namespaces: [default], serviceAccounts: [team-b/client]}
  ports: [{name: http, port: 80, targetPort: 443}, {name: https, port: 443, tls: {mode: DISABLE}}, {name: tcp, port: 5432}]
  tls: {mode: SIMPLE}
- name: free
  externalName: b.example.com
  ports: [{name: http, port: 80, targetPort: 443}, {name: https, port: 443, tls: {mode: DISABLE}}, {name: tcp, port: 5432}]
  tls: {mode: SIMPLE}
`

var ways = []string{"http://%s.default", "tls://%s.default:443", "tcp://%s.default:5432"}

// callers are those that may call, and others.
var callers = map[mesh.Caller]bool{
	{Namespace: "default", ServiceAccount: "anybody"}:         true,
	{Namespace: "team-b", ServiceAccount: "client"}:           true,
	{Namespace: "team-b", ServiceAccount: "other"}:            false,
	{Namespace: "team-b-client", ServiceAccount: "client"}:    false,
	{Namespace: "default-not", ServiceAccount: "client"}:      false,
	{Namespace: "not-default", ServiceAccount: "client"}:      false,
	{Namespace: "team-b", ServiceAccount: "client-of-others"}: false,
	{}: false, // without a certificate
}

// Who may call is enforced for every protocol, and nobody else's hosts are touched.
func TestAllowFrom(t *testing.T) {
	m := loaded(t, false, rendered(t, limited, "first").String(), rendered(t, others, "second").String())
	gateway, sidecar := m.Gateway(), m.Sidecar(mesh.Workload{Namespace: "team-b"})
	for caller, may := range callers {
		for _, way := range ways {
			for name, allowed := range map[string]bool{"limited": may, "free": true, "others": true} {
				url := strings.Replace(way, "%s", name, 1)
				passage := gateway.Call(sidecar, url)
				require.NotNil(t, passage.Second, "%s: %s", url, passage)
				assert.Equal(t, allowed, passage.Allowed(t, caller), "%s by %v: %s", url, caller, passage)
			}
		}
	}
}

// The traps of such policies: a Host with a port, in capitals, or of another entry with the SNI of this one and the other way
// round. What gets to the limited server is refused, whatever it says.
func TestAllowFromCannotBePassedBy(t *testing.T) {
	m := loaded(t, false, rendered(t, limited, "first").String(), rendered(t, others, "second").String())
	gateway, sidecar := m.Gateway(), m.Sidecar(mesh.Workload{Namespace: "team-b"})
	var hosts, names []string
	for _, name := range []string{"limited", "free", "others"} {
		for _, way := range ways {
			first := gateway.Call(sidecar, strings.Replace(way, "%s", name, 1)).First
			names = append(names, first.TLS.SNI, "limited."+first.TLS.SNI[strings.Index(first.TLS.SNI, ".")+1:])
			if first.Host != "" {
				hosts = append(hosts, first.Host, first.Host+":80", first.Host+":443", first.Host+":8443", strings.ToUpper(first.Host), first.Host+".", first.Host+".:80")
			}
		}
	}
	hosts = append(hosts, "limited.default.egress.internal", "limited.default.svc.cluster.local", "a.example.com", "*", "")
	outsider := mesh.Caller{Namespace: "team-b", ServiceAccount: "other"}
	for _, sni := range append(names, "a.example.com", "") {
		for _, host := range hosts {
			passage := gateway.Arrive(mesh.Passage{}, 8443, sni, host)
			if passage.Second.Error == nil && reachesLimited(*passage.Second) {
				assert.False(t, passage.Allowed(t, outsider), "SNI %q, Host %q: %s", sni, host, passage)
				assert.False(t, passage.Allowed(t, mesh.Caller{}), "SNI %q, Host %q: %s", sni, host, passage)
			}
		}
	}
}

func reachesLimited(outcome mesh.Outcome) bool {
	return strings.Contains(strings.Join(outcome.Upstreams, ","), "a.example.com")
}

// Without the policy everybody may call: it is the one object whose absence opens something.
func TestWithoutThePolicyEverybodyMayCall(t *testing.T) {
	objects := rendered(t, limited, "first").Filter(func(o mesh.Object) bool { return o.GetKind() != "AuthorizationPolicy" })
	m := loaded(t, false, objects.String())
	passage := m.Gateway().Call(m.Sidecar(mesh.Workload{Namespace: "team-b"}), "http://limited.default")
	assert.True(t, passage.Allowed(t, mesh.Caller{Namespace: "team-b", ServiceAccount: "other"}))
}

const others = `
egressGateway: {name: istio-egressgateway, namespace: istio-system, selector: {istio: egressgateway}, default: gateway}
externalNameServices:
- name: others
  externalName: c.example.com
  ports: [{name: http, port: 80, targetPort: 443}, {name: https, port: 443, tls: {mode: DISABLE}}, {name: tcp, port: 5432}]
  tls: {mode: SIMPLE}
`

const team = `
egressGateway: {name: istio-egressgateway, namespace: istio-system, selector: {istio: egressgateway}, default: gateway}
externalNameServices:
- name: partner
  namespace: TEAM
  externalName: partner.example.com
  ports: [{name: http, port: 80, targetPort: PORT}, {name: tcp, port: 6380, targetPort: 1PORT}]
  tls: {mode: MUTUAL, credentialName: TEAM-client}
`

// Two releases with one external host, other ports and certificates: neither gets the other's.
func TestTwoReleasesOnOneGateway(t *testing.T) {
	var objects []string
	for name, port := range map[string]string{"team-a": "443", "team-b": "8443"} {
		objects = append(objects, rendered(t, strings.NewReplacer("TEAM", name, "PORT", port).Replace(team), "of-"+name).String())
	}
	m := loaded(t, false, objects...)
	gateway := m.Gateway()
	for name, port := range map[string]string{"team-a": "443", "team-b": "8443"} {
		for _, namespace := range []string{"team-a", "team-b", "default"} {
			sidecar := m.Sidecar(mesh.Workload{Namespace: namespace})
			want := "tls sni=partner.example.com names=partner.example.com ca=kubernetes://" + name + "-client-cacert certificate=kubernetes://" + name + "-client"
			cell{"http://partner." + name, "partner.example.com:" + port, want, "partner.example.com"}.check(t, gateway.Call(sidecar, "http://partner."+name), namespace)
			cell{"tcp", "partner.example.com:1" + port, want, ""}.check(t, gateway.Call(sidecar, "tcp://partner."+name+":6380"), namespace)
		}
	}
}

// hostile are objects that a tenant of another namespace may write, to get the calls of others at the gateway. Routes that are
// exported to the gateway's namespace come before those that all may see.
const hostile = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: take-http, namespace: hostile, creationTimestamp: "2020-01-01T00:00:00Z"}
spec:
  hosts: ["HTTP"]
  gateways: [default/first-egress-0]
  exportTo: [istio-system]
  http: [{route: [{destination: {host: evil.example.com, port: {number: 80}}}]}]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: take-tcp, namespace: hostile, creationTimestamp: "2020-01-01T00:00:00Z"}
spec:
  hosts: ["TCP"]
  gateways: [default/first-egress-0]
  exportTo: [istio-system]
  tcp: [{route: [{destination: {host: evil.example.com, port: {number: 80}}}]}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: evil, namespace: hostile}
spec:
  hosts: [evil.example.com, limited.default.egress.internal]
  location: MESH_EXTERNAL
  resolution: DNS
  endpoints: [{address: evil.example.com}]
  ports: [{number: 80, name: http, protocol: HTTP}]
`

// A tenant of another namespace cannot take the calls of a release at the gateway by older routes and entries for its names.
func TestATenantCannotTakeOthersCalls(t *testing.T) {
	objects := rendered(t, limited, "first").String()
	m := loaded(t, false, objects)
	gateway, sidecar := m.Gateway(), m.Sidecar(mesh.Workload{})
	http := gateway.Call(sidecar, "http://limited").First.Host
	tcp := gateway.Call(sidecar, "tcp://limited:5432").First.TLS.SNI
	require.NotEmpty(t, http)
	require.NotEmpty(t, tcp)
	m = loaded(t, false, strings.NewReplacer("HTTP}", "HTTP}", `"HTTP"`, http, `"TCP"`, tcp).Replace(hostile), objects)
	gateway, sidecar = m.Gateway(), m.Sidecar(mesh.Workload{})
	cell{"http", "a.example.com:443", verified("a.example.com"), "a.example.com"}.check(t, gateway.Call(sidecar, "http://limited"), "default")
	cell{"tcp", "a.example.com:5432", verified("a.example.com"), ""}.check(t, gateway.Call(sidecar, "tcp://limited:5432"), "default")
}
