package manifests

import (
	"net/netip"

	"github.com/istio-egress/istio-egress/lint"
)

// checkExternalNameIP reports aliases that lead to an IP: clients look its digits up as a host name.
func checkExternalNameIP(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, service := range s.ofKind(kindService) {
		if leadsToIP(service) {
			findings = append(findings, service.finding("manifest-external-name-ip", lint.Error, "spec.externalName",
				"%q is an IP address, and an ExternalName is looked up as a host name, which this is none: write a Service without selector, with the address in an EndpointSlice", text(service.spec(), "externalName")))
		}
	}
	return findings
}

func leadsToIP(service object) bool {
	_, err := netip.ParseAddr(normalHost(text(service.spec(), "externalName")))
	return isAlias(service) && err == nil
}
