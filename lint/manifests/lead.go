package manifests

import (
	"fmt"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/egress"
)

// route is one of a VirtualService.
type route struct {
	from         *istio.VirtualService
	kind         string // http, tls or tcp
	path         string // such as spec.http[0]
	ports        []int  // on which its calls come in; nil for all
	authority    string // that it writes into the Host header; empty for the caller's
	mesh         bool   // sidecars follow it
	gateway      bool   // gateways follow it
	destinations []*networking.Destination
}

// lead is a way on which a route sends calls to a host.
type lead struct {
	route
	path string // of the destination, such as spec.http[0].route[0].destination
	to   *networking.Destination
}

// routesOf returns all routes of a VirtualService.
func routesOf(from *istio.VirtualService) []route {
	var routes []route
	for i, http := range from.Spec.GetHttp() {
		r := newRoute(from, "http", i, http.GetMatch())
		r.authority = authorityOf(http)
		for _, to := range http.GetRoute() {
			r.destinations = append(r.destinations, to.GetDestination())
		}
		routes = append(routes, r)
	}
	for i, tls := range from.Spec.GetTls() {
		r := newRoute(from, "tls", i, tls.GetMatch())
		for _, to := range tls.GetRoute() {
			r.destinations = append(r.destinations, to.GetDestination())
		}
		routes = append(routes, r)
	}
	for i, tcp := range from.Spec.GetTcp() {
		r := newRoute(from, "tcp", i, tcp.GetMatch())
		for _, to := range tcp.GetRoute() {
			r.destinations = append(r.destinations, to.GetDestination())
		}
		routes = append(routes, r)
	}
	return routes
}

// newRoute reads which calls the matches of a route are for. A match without gateways has those of the VirtualService.
func newRoute[M interface {
	GetPort() uint32
	GetGateways() []string
}](from *istio.VirtualService, kind string, index int, matches []M) route {
	r := route{from: from, kind: kind, path: fmt.Sprintf("spec.%s[%d]", kind, index)}
	all := len(matches) == 0
	var gateways []string
	for _, match := range matches {
		all = all || match.GetPort() == 0
		r.ports = append(r.ports, int(match.GetPort()))
		if named := match.GetGateways(); len(named) > 0 {
			gateways = append(gateways, named...)
		} else {
			gateways = append(gateways, from.Spec.GetGateways()...)
		}
	}
	if all {
		r.ports = nil
	}
	if len(gateways) == 0 {
		gateways = from.Spec.GetGateways()
	}
	r.mesh = len(gateways) == 0 || slices.Contains(gateways, mesh)
	r.gateway = slices.ContainsFunc(gateways, isGateway)
	return r
}

const mesh = "mesh" // all sidecars, where gateways are named

func isGateway(name string) bool { return name != mesh }

// authorityOf is the Host header that a route writes.
func authorityOf(route *networking.HTTPRoute) string {
	if rewritten := route.GetRewrite().GetAuthority(); rewritten != "" {
		return rewritten
	}
	for name, value := range route.GetHeaders().GetRequest().GetSet() {
		if strings.EqualFold(name, "host") || name == ":authority" {
			return value
		}
	}
	return ""
}

// takes tells whether calls on a port go this way.
func (r route) takes(port int) bool { return r.ports == nil || slices.Contains(r.ports, port) }

// reads tells whether proxies look for the route on ports of a protocol. They may for one that they have to guess.
func (r route) reads(protocol egress.Protocol) bool {
	switch r.kind {
	case "http":
		return protocol.IsHTTP() || protocol == ""
	case "tls":
		return protocol.IsTLS() || protocol == ""
	}
	return protocol.IsTCP() || protocol == ""
}

// leads are the ways to the route's destinations.
func (r route) leads() []lead {
	var leads []lead
	for i, to := range r.destinations {
		leads = append(leads, lead{r, fmt.Sprintf("%s.route[%d].destination", r.path, i), to})
	}
	return leads
}

// numbers are the ports that it leads to: the one that it names, else those on which calls come in; none when it is for all.
func (l lead) numbers() []int {
	if number := int(l.to.GetPort().GetNumber()); number != 0 {
		return []int{number}
	}
	return l.ports
}

// reaches tells whether calls get to a port of its host.
func (l lead) reaches(port int) bool {
	numbers := l.numbers()
	return len(numbers) == 0 || slices.Contains(numbers, port)
}
