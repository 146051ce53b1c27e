package manifests

import (
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkRouteProtocol reports routes that proxies never look for, as no port of the hosts speaks what they are for: http routes
// for a port where the workload sends TLS itself, and the like.
func checkRouteProtocol(s *set) []finding {
	var findings []finding
	for o, from := range judged(s, s.VirtualServices) {
		ports, known := s.portsOfHosts(from.Spec.GetHosts(), o.name.Namespace)
		if !known {
			continue
		}
		for _, route := range routesOf(from) {
			reads := func(port hostPort) bool { return route.takes(port.number) && route.reads(port.protocol) }
			if !route.mesh || slices.ContainsFunc(ports, reads) {
				continue
			}
			findings = append(findings, o.finding("manifest-route-protocol", lint.Warning, route.path,
				"the route does nothing: sidecars look for %s, and here there is no such port, only %s: remove the route, or declare a port that it can apply to", readsOf[route.kind], portProtocols(ports)).
				relatedTo(ports[0].owner, "spec.ports"))
		}
	}
	return findings
}

// readsOf says for which ports proxies look for the routes of a kind.
var readsOf = map[string]string{
	"http": "http routes where workloads send HTTP without TLS",
	"tls":  "tls routes where workloads send TLS themselves (protocol HTTPS or TLS)",
	"tcp":  "tcp routes where the protocol is TCP",
}

// portsOfHosts returns the ports of external hosts; unless for one of them nothing tells.
func (s *set) portsOfHosts(hosts []string, namespace string) (ports []hostPort, known bool) {
	for _, name := range hosts {
		host := s.FullHost(name, namespace)
		if service, aliased := s.alias(host); aliased {
			host = egress.NormalHost(service.Spec.ExternalName)
		}
		if !s.external(host) || len(s.Entries(host, namespace)) == 0 {
			return nil, false
		}
		ports = append(ports, s.ports(host, namespace)...)
	}
	return ports, len(ports) > 0
}

// portProtocols lists ports with what they speak, such as "443 (HTTPS)".
func portProtocols(ports []hostPort) string {
	var all []string
	for _, port := range ports {
		text := portNumbers([]hostPort{port})
		if port.protocol != "" {
			text += " (" + string(port.protocol) + ")"
		}
		if !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return strings.Join(all, ", ")
}
