package manifests

import (
	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkAliasPorts reports aliases without ports that a VirtualService is for: it matches only the full name then.
func checkAliasPorts(s *set) []finding {
	var findings []finding
	for o, service := range judged(s, s.Services) {
		routes := s.Routes(s.FullName(o.name), o.name.Namespace)
		if egress.IsAlias(service) && len(routes) > 0 && len(service.Spec.Ports) == 0 {
			findings = append(findings, o.finding("manifest-alias-ports", lint.Warning, "spec.ports",
				"without ports, the VirtualService applies to calls by the full name only, not by %q: declare the ports", service.Name).
				relatedTo(s.objectOf(routes[0]), "spec.hosts"))
		}
	}
	return findings
}
