//go:build e2e

package mesh

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"istio.io/istio/pilot/pkg/simulation"
)

// The clusters of calls to what the mesh does not know.
const (
	Passthrough = "PassthroughCluster"
	BlackHole   = "BlackHoleCluster"
)

// Outcome is what becomes of a call.
type Outcome struct {
	// Error says why the sidecar cannot serve the call.
	Error error
	// VirtualHost and Chain are Envoy's names of what matched: of a request, and of a connection.
	VirtualHost, Chain string
	// Cluster is the name of istiod's cluster, empty when the sidecar answers itself.
	Cluster string
	// Status is the answer that the sidecar gives itself, for example 502 of REGISTRY_ONLY.
	Status int
	// Upstreams are the addresses and ports that the sidecar connects to, sorted.
	Upstreams []string
	// TLS that the sidecar originates.
	TLS TLS
	// Host header that the server sees; empty for other protocols than HTTP.
	Host string
	// Rules are the DestinationRules and VirtualServices that shaped the cluster and route.
	Rules []string
}

// String is the outcome in one line.
func (o Outcome) String() string {
	switch {
	case o.Error != nil:
		return "error: " + o.Error.Error()
	case o.Status != 0:
		return "status " + strconv.Itoa(o.Status)
	}
	if o.Cluster == BlackHole {
		return BlackHole
	}
	parts := []string{o.Cluster, "to " + strings.Join(o.Upstreams, ","), o.TLS.String()}
	if o.Host != "" {
		parts = append(parts, "host "+o.Host)
	}
	return strings.Join(parts, " ")
}

// Call runs a call of the workload through its sidecar. The scheme of the URL
// says what the workload sends: http, h2c (HTTP/2 in plaintext), https, tls
// (another protocol inside TLS) or tcp. The host is looked up in the cluster's
// DNS from the workload's namespace.
func (s *Sidecar) Call(target string) Outcome {
	s.t.Helper()
	return s.CallAt("", target)
}

// CallAt is a Call that DNS sends to the address; empty means the usual one.
func (s *Sidecar) CallAt(address, target string) Outcome {
	s.t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		s.t.Fatalf("call %s: %v", target, err)
	}
	call, err := s.callTo(u)
	if err != nil {
		s.t.Fatalf("call %s: %v", target, err)
	}
	if address != "" {
		call.Address = address
	}
	return s.outcome(call, s.simulation.Run(call))
}

func (s *Sidecar) callTo(u *url.URL) (simulation.Call, error) {
	call := simulation.Call{Path: u.Path, CallMode: simulation.CallModeOutbound}
	port := u.Port()
	switch u.Scheme {
	case "http":
		call.Protocol, call.HostHeader = simulation.HTTP, u.Host
		port = orDefault(port, "80")
	case "h2c":
		call.Protocol, call.HostHeader = simulation.HTTP2, u.Host
	case "https":
		call.Protocol, call.TLS, call.Sni = simulation.HTTP, simulation.TLS, u.Hostname()
		port = orDefault(port, "443")
	case "tls":
		call.Protocol, call.TLS, call.Sni = simulation.TCP, simulation.TLS, u.Hostname()
	case "tcp":
		call.Protocol = simulation.TCP
	default:
		return call, fmt.Errorf("unknown scheme %q", u.Scheme)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		return call, fmt.Errorf("port %q: %w", port, err)
	}
	call.Port = number
	call.Address = u.Hostname()
	if net.ParseIP(call.Address) == nil {
		call.Address = s.names.resolve(call.Address, s.namespace)
	}
	return call, nil
}

func orDefault(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

func (s *Sidecar) outcome(call simulation.Call, result simulation.Result) Outcome {
	if result.Error != nil {
		return Outcome{Error: result.Error}
	}
	outcome := Outcome{VirtualHost: result.VirtualHostMatched, Chain: result.FilterChainMatched, Cluster: result.ClusterMatched}
	if result.VirtualHostMatched != "" {
		r := s.routeOf(result)
		outcome.Host = hostUpstream(r, call.HostHeader)
		outcome.Status = int(r.GetDirectResponse().GetStatus())
		outcome.Rules = append(outcome.Rules, ruleOf(r.GetMetadata())...)
	}
	if outcome.Status != 0 {
		outcome.Host = ""
		return outcome
	}
	c := s.clusterNamed(outcome.Cluster)
	if c == nil {
		outcome.Error = fmt.Errorf("the route leads to cluster %s, which does not exist", outcome.Cluster)
		return outcome
	}
	outcome.Rules = append(outcome.Rules, ruleOf(c.GetMetadata())...)
	outcome.TLS = s.tlsOf(c)
	outcome.Upstreams = s.upstreams(c, call)
	return outcome
}

// routeOf finds the route that the simulation matched: it only tells the
// names.
func (s *Sidecar) routeOf(result simulation.Result) *route.Route {
	for _, config := range s.Routes {
		if config.GetName() != result.RouteConfigMatched {
			continue
		}
		for _, virtualHost := range config.GetVirtualHosts() {
			if virtualHost.GetName() != result.VirtualHostMatched {
				continue
			}
			for _, r := range virtualHost.GetRoutes() {
				if r.GetName() == result.RouteMatched && r.GetRoute().GetCluster() == result.ClusterMatched {
					return r
				}
			}
		}
	}
	return nil
}

func hostUpstream(r *route.Route, sent string) string {
	if literal := r.GetRoute().GetHostRewriteLiteral(); literal != "" {
		return literal
	}
	if r.GetRoute().GetAutoHostRewrite().GetValue() {
		return "<upstream>"
	}
	return sent
}

// upstreams lists where the cluster connects to; a cluster that passes calls
// through connects to what the workload called.
func (s *Sidecar) upstreams(c *clusterConfig, call simulation.Call) []string {
	if c.GetType() == originalDestination {
		return []string{net.JoinHostPort(s.names.describe(call.Address), strconv.Itoa(call.Port))}
	}
	var all []string
	for _, e := range s.endpointsOf(c) {
		address := socketAddress(e)
		all = append(all, net.JoinHostPort(address.GetAddress(), strconv.Itoa(int(address.GetPortValue()))))
	}
	slices.Sort(all)
	return all
}
