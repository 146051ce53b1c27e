package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkAliasPorts reports aliases without ports that a VirtualService is for: it matches only the full name then.
func checkAliasPorts(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, service := range s.ofKind(kindService) {
		routes := s.routes[serviceHost(service.namespace, service.name)]
		if !isAlias(service) || len(routes) == 0 || len(children(service.spec(), "ports")) > 0 {
			continue
		}
		finding := service.finding("manifest-alias-ports", lint.Warning, "spec.ports",
			"without ports, the VirtualService applies to calls by the full name only, not by %q: declare the ports", service.name)
		finding.Related = append(finding.Related, routes[0].related("spec.hosts"))
		findings = append(findings, finding)
	}
	return findings
}
