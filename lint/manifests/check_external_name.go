package manifests

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/istio-egress/istio-egress/lint"
)

// checkExternalName reports aliases whose external name Kubernetes refuses, or Istio does not connect to the ServiceEntry of
// its host.
func checkExternalName(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, service := range s.ofKind(kindService) {
		name := text(service.spec(), "externalName")
		if !isAlias(service) || leadsToIP(service) || strings.ContainsAny(name, "${}") { // the last are filled in later
			continue
		}
		host := normalHost(name)
		entries := s.entries[host]
		switch {
		case len(validation.IsDNS1123Subdomain(host)) > 0:
			findings = append(findings, service.finding("manifest-external-name", lint.Error, "spec.externalName",
				"%q is no host name, so Kubernetes refuses the Service: write lower-case letters, digits, hyphens and dots, such as %q", name, "api.example.com"))
		case name != strings.ToLower(name):
			findings = append(findings, service.finding("manifest-external-name", lint.Error, "spec.externalName",
				"%q has upper-case letters, so Kubernetes refuses the Service: write %q", name, host))
		case name != host && len(entries) > 0:
			finding := service.finding("manifest-external-name", lint.Error, "spec.externalName",
				"%q ends in a dot, with which Istio does not connect it to the ServiceEntry for its host: write %q", name, host)
			finding.Related = append(finding.Related, entries[0].related("spec.hosts"))
			findings = append(findings, finding)
		}
	}
	return findings
}
