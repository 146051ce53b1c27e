//go:build e2e

package mesh

import (
	"net"
	"slices"
	"strconv"
	"strings"

	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/simulation"
)

// gatewayIP is the address of the gateway's pod.
const gatewayIP = "10.244.9.1"

// gatewayService is the gateway's Service, and podPorts are what its ports lead to.
const gatewayService = "istio-egressgateway.istio-system.svc.cluster.local"

var podPorts = map[string]int{"80": 8080, "443": 8443}

// GatewayLabels are those of the gateway's pods.
var GatewayLabels = map[string]string{"istio": "egressgateway", "app": "istio-egressgateway"}

// GatewayObjects are an egress gateway in istio-system, as Istio's own chart installs it: without a label that tells of mesh TLS.
const GatewayObjects = `
apiVersion: v1
kind: Service
metadata: {name: istio-egressgateway, namespace: istio-system}
spec:
  clusterIP: 10.96.200.2
  selector: {istio: egressgateway}
  ports:
  - {name: http2, port: 80, targetPort: 8080}
  - {name: https, port: 443, targetPort: 8443}
---
apiVersion: v1
kind: Pod
metadata: {name: egw-1, namespace: istio-system, labels: {istio: egressgateway, app: istio-egressgateway}}
spec: {serviceAccountName: istio-egressgateway-service-account, containers: [{name: istio-proxy, image: x}]}
status: {podIP: 10.244.9.1, podIPs: [{ip: 10.244.9.1}], phase: Running, conditions: [{type: Ready, status: "True"}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: egw-1, namespace: istio-system, labels: {kubernetes.io/service-name: istio-egressgateway}}
addressType: IPv4
endpoints: [{addresses: [10.244.9.1], conditions: {ready: true}, targetRef: {kind: Pod, name: egw-1, namespace: istio-system}}]
ports: [{name: http2, port: 8080}, {name: https, port: 8443}]
`

// GatewayIdentity is the name in the gateway's certificate.
const GatewayIdentity = "spiffe://cluster.local/ns/istio-system/sa/istio-egressgateway-service-account"

// Gateway runs calls through the configuration of the egress gateway's proxy, as they arrive from sidecars.
type Gateway struct {
	*Sidecar
}

// Gateway generates the configuration that istiod sends to the egress gateway of GatewayObjects.
func (m *Mesh) Gateway() *Gateway {
	m.t.Helper()
	proxy := m.server.SetupProxy(&model.Proxy{
		Type: model.Router, ID: "egw-1." + RootNamespace, ConfigNamespace: RootNamespace, IPAddresses: []string{gatewayIP},
		Labels: GatewayLabels, DNSDomain: RootNamespace + ".svc." + clusterDomain,
		Metadata: &model.NodeMetadata{Namespace: RootNamespace, Labels: GatewayLabels, IstioVersion: ProxyVersion, ClusterID: "Kubernetes"},
	})
	listeners := m.server.Listeners(proxy)
	return &Gateway{NewSidecar(m.t, RootNamespace, m.names, Config{
		Listeners: listeners,
		Clusters:  m.server.Clusters(proxy),
		Routes:    m.server.RoutesFromListeners(proxy, listeners),
		Endpoints: m.server.Endpoints(proxy),
	})}
}

// Passage is what becomes of a call that may pass the gateway: at the caller's sidecar, and at the gateway if it gets there.
type Passage struct {
	First Outcome
	// Second is nil for a call that does not get to the gateway.
	Second *Outcome
	// chain is the gateway's filter chain that the call takes.
	chain *listener.FilterChain
	// arrival is the call as it gets to the gateway.
	arrival simulation.Call
}

// String is the passage in one line.
func (p Passage) String() string {
	if p.Second == nil {
		return p.First.String()
	}
	return p.First.String() + " => " + p.Second.String()
}

// Last is what leaves for the server: the gateway's outcome, or the sidecar's where the call does not get to the gateway.
func (p Passage) Last() Outcome {
	if p.Second == nil {
		return p.First
	}
	return *p.Second
}

// Call runs a call of a workload through its sidecar, and through the gateway if it gets there.
func (g *Gateway) Call(from *Sidecar, target string) Passage {
	g.t.Helper()
	first := from.Call(target)
	passage := Passage{First: first}
	if port, arrives := g.arrivesAt(first); arrives {
		return g.Arrive(passage, port, first.TLS.SNI, first.Host)
	}
	return passage
}

// arrivesAt tells the port of the gateway's pod that an outcome connects to.
func (g *Gateway) arrivesAt(outcome Outcome) (int, bool) {
	for _, upstream := range outcome.Upstreams {
		host, port, err := net.SplitHostPort(upstream)
		number, _ := strconv.Atoi(port)
		if err == nil && host == gatewayIP {
			return number, true
		}
		if target := podPorts[port]; err == nil && host == gatewayService { // by the Service's address
			return target, true
		}
	}
	return 0, false
}

// Arrive runs a call at the gateway: to a port of its pod, with an SNI in TLS (none in plaintext) and a Host (none for bytes).
func (g *Gateway) Arrive(passage Passage, port int, sni, host string) Passage {
	g.t.Helper()
	call := simulation.Call{Address: gatewayIP, Port: port, Protocol: simulation.TCP, CallMode: simulation.CallModeGateway, HostHeader: host, Sni: sni}
	if host != "" {
		call.Protocol = simulation.HTTP
	}
	if sni != "" {
		call.TLS = simulation.MTLS
	}
	result := g.simulation.Run(call)
	second := g.outcome(call, result)
	passage.Second, passage.arrival = &second, call
	passage.chain = g.chainOf(result, sni)
	return passage
}

// chainOf finds the filter chain that the simulation matched. Chains of a gateway share a name: the server names tell them apart.
func (g *Gateway) chainOf(result simulation.Result, sni string) *listener.FilterChain {
	var best *listener.FilterChain
	longest := -1
	for _, l := range g.simulation.Listeners {
		if l.GetName() != result.ListenerMatched {
			continue
		}
		for _, chain := range l.GetFilterChains() {
			if chain.GetName() != result.FilterChainMatched {
				continue
			}
			if length := matchLength(chain.GetFilterChainMatch().GetServerNames(), sni); length > longest {
				best, longest = chain, length
			}
		}
	}
	return best
}

// matchLength is the length of the longest name that covers the SNI; -1 for none, 0 for a chain without names.
func matchLength(names []string, sni string) int {
	if len(names) == 0 {
		return 0
	}
	longest := -1
	for _, name := range names {
		suffix, wildcard := strings.CutPrefix(name, "*")
		if name == sni || wildcard && strings.HasSuffix(sni, suffix) {
			longest = max(longest, len(name))
		}
	}
	return longest
}

// MeshTLS tells whether the settings are the mesh's own TLS, with the gateway's identity verified.
func (t TLS) MeshTLS() bool {
	return t.On && t.Certificate == "default" && slices.Contains(t.Names, GatewayIdentity)
}
