package manifests

import (
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkExternalName reports aliases whose external name Kubernetes refuses, or Istio does not connect to the ServiceEntry of
// its host.
func checkExternalName(s *set) []finding {
	var findings []finding
	for o, service := range judged(s, s.Services) {
		name := service.Spec.ExternalName
		if !egress.IsAlias(service) || leadsToIP(service) || strings.ContainsAny(name, "${}") { // the last are filled in later
			continue
		}
		host := egress.NormalHost(name)
		report := func(format string, args ...any) finding {
			return o.finding("manifest-external-name", lint.Error, "spec.externalName", format, args...)
		}
		switch entries := s.Entries(host, o.name.Namespace); {
		case len(validation.IsDNS1123Subdomain(host)) > 0:
			findings = append(findings, report("%q is no host name, so Kubernetes refuses the Service: write lower-case letters, digits, hyphens and dots, such as %q", name, "api.example.com"))
		case name != strings.ToLower(name):
			findings = append(findings, report("%q has upper-case letters, so Kubernetes refuses the Service: write %q", name, host))
		case name != host && len(entries) > 0:
			findings = append(findings, report("%q ends in a dot, with which Istio does not connect it to the ServiceEntry for its host: write %q", name, host).
				relatedTo(s.objectOf(entries[0]), "spec.hosts"))
		}
	}
	return findings
}
