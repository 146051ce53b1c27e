package envoy

import (
	"net"
	"net/http"
	"strings"

	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
)

// Request is an HTTP request as the workload sends it.
type Request struct {
	Authority string // the Host header
	Method    string
	Path      string // with its query
	Headers   http.Header
}

// VirtualHost returns the virtual host of a request, and the domain by which it was found; nil when there is none.
func VirtualHost(table *route.RouteConfiguration, authority string) (*route.VirtualHost, string) {
	name := strings.ToLower(authority)
	if table.GetIgnorePortInHostMatching() {
		if host, _, err := net.SplitHostPort(name); err == nil {
			name = host
		}
	}
	var found *route.VirtualHost
	by, best := "", 0
	for _, host := range table.GetVirtualHosts() {
		for _, domain := range host.GetDomains() {
			if rank := domainRank(strings.ToLower(domain), name); rank > best {
				found, by, best = host, domain, rank
			}
		}
	}
	return found, by
}

// domainRank prefers the name itself, then the longest "*.example.com", then the longest "example.*", then "*". A wildcard
// stands for one character at least.
func domainRank(domain, name string) int {
	const exact, suffix, prefix = 3 << 20, 2 << 20, 1 << 20
	switch {
	case domain == name:
		return exact
	case domain == "*":
		return 1
	case len(name) < len(domain):
		return 0
	case strings.HasPrefix(domain, "*") && strings.HasSuffix(name, domain[1:]):
		return suffix + len(domain)
	case strings.HasSuffix(domain, "*") && strings.HasPrefix(name, domain[:len(domain)-1]):
		return prefix + len(domain)
	}
	return 0
}

// FindRoute returns the first route of a virtual host that matches a request, nil when none does.
func FindRoute(host *route.VirtualHost, r Request) *route.Route {
	for _, candidate := range host.GetRoutes() {
		if matches(candidate.GetMatch(), r) {
			return candidate
		}
	}
	return nil
}

// WeightedCluster is a cluster of a route with its share.
type WeightedCluster struct {
	Name   string
	Weight uint32
}

// Clusters returns where a route leads to: several where it splits calls.
func Clusters(action *route.RouteAction) []WeightedCluster {
	if action.GetWeightedClusters() == nil {
		return []WeightedCluster{{Name: action.GetCluster(), Weight: 100}}
	}
	var all []WeightedCluster
	for _, c := range action.GetWeightedClusters().GetClusters() {
		if c.GetWeight().GetValue() > 0 {
			all = append(all, WeightedCluster{c.GetName(), c.GetWeight().GetValue()})
		}
	}
	return all
}
