package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkExternalName reports aliases that Istio does not connect to the ServiceEntry of their host.
func checkExternalName(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, service := range s.ofKind(kindService) {
		name := text(service.spec(), "externalName")
		host := normalHost(name)
		if !isAlias(service) || name == host || len(s.entries[host]) == 0 {
			continue
		}
		finding := service.finding("manifest-external-name", lint.Error, "spec.externalName",
			"%q is not connected to the ServiceEntry for its host, because of upper case or the dot at its end: write %q", name, host)
		finding.Related = append(finding.Related, s.entries[host][0].related("spec.hosts"))
		findings = append(findings, finding)
	}
	return findings
}
