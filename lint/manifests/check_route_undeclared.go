package manifests

import (
	"fmt"
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
	if !slices.ContainsFunc(entries, named) {
		advice := "declare it in a ServiceEntry, or remove the route"
		if len(entries) > 0 {
			advice = fmt.Sprintf("%s covers it by a wildcard, and a route needs the host itself: declare it too", s.objectOf(entries[0]))
		}
		return []finding{o.finding("manifest-route-undeclared", lint.Warning, lead.path+".host",
			"no ServiceEntry declares %s, so calls that are led there get no answer: %s", host, advice)}
	}
	var ports []hostPort
	for _, entry := range entries {
		ports = append(ports, entryPorts(s.objectOf(entry), entry)...)
	}
	for _, number := range lead.numbers() {
		if slices.ContainsFunc(ports, func(port hostPort) bool { return port.number == number }) {
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
