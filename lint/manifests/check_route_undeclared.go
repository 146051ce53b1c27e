package manifests

import (
	"slices"
	"strings"

	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/lint"
)

// checkRouteUndeclared reports routes to an external host, or to a port of one, that no ServiceEntry declares: proxies have
// nothing to send these calls to. Manifests without ServiceEntries have them elsewhere.
func checkRouteUndeclared(s *set) []finding {
	var findings []finding
	if len(s.ServiceEntries) == 0 {
		return nil
	}
	for o, from := range judged(s, s.VirtualServices) {
		for _, route := range routesOf(from) {
			for _, lead := range route.leads() {
				host := s.FullHost(lead.to.GetHost(), o.name.Namespace)
				if s.external(host) && !strings.ContainsAny(host, "${}") {
					findings = append(findings, s.undeclared(o, lead, host)...)
				}
			}
		}
	}
	return findings
}

func (s *set) undeclared(o *object, lead lead, host string) []finding {
	if _, found := s.Service(host, ""); found {
		return nil
	}
	entries := s.Entries(host, o.name.Namespace)
	named := func(entry *istio.ServiceEntry) bool { return slices.Contains(entry.Spec.GetHosts(), host) }
	switch {
	case len(entries) == 0:
		return []finding{o.finding("manifest-route-undeclared", lint.Warning, lead.path+".host",
			"no ServiceEntry declares %s, so calls that are led there get no answer: declare it in a ServiceEntry, or remove the route", host)}
	case !slices.ContainsFunc(entries, named):
		return []finding{o.finding("manifest-route-undeclared", lint.Warning, lead.path+".host",
			"%s is declared by a wildcard alone, and a route needs the host itself: calls that are led there get no answer; declare it in a ServiceEntry too", host).
			relatedTo(s.objectOf(entries[0]), "spec.hosts")}
	}
	var ports []hostPort
	for _, entry := range entries {
		ports = append(ports, entryPorts(s.objectOf(entry), entry)...)
	}
	for _, number := range s.ledTo(lead, o.name.Namespace) {
		if len(ports) == 0 || slices.ContainsFunc(ports, func(port hostPort) bool { return port.number == number }) {
			continue
		}
		path := lead.path + ".port.number"
		if lead.to.GetPort() == nil {
			path = lead.path
		}
		return []finding{o.finding("manifest-route-undeclared", lint.Warning, path,
			"%s has no port %d, so calls that are led there get no answer: write port: {number: ...} with one of its ports, %s", host, number, portNumbers(ports)).
			relatedTo(ports[0].owner, "spec.ports")}
	}
	return nil
}

// ledTo are the ports that calls are led to: the one that the route names, else those of the hosts that it is for.
func (s *set) ledTo(l lead, namespace string) []int {
	if l.to.GetPort() != nil {
		return l.numbers()
	}
	var numbers []int
	ports, _ := s.portsOfHosts(l.from.Spec.GetHosts(), namespace)
	for _, port := range ports {
		if l.mesh && l.takes(port.number) && l.reads(port.protocol) && port.protocol != "" {
			numbers = append(numbers, port.number)
		}
	}
	return numbers
}
