package manifests

import (
	"net/netip"

	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkExternalNameIP reports aliases that lead to an IP: clients look its digits up as a host name.
func checkExternalNameIP(s *set) []finding {
	var findings []finding
	for o, service := range judged(s, s.Services) {
		if leadsToIP(service) {
			findings = append(findings, o.finding("manifest-external-name-ip", lint.Error, "spec.externalName",
				"%q is an IP address, and an ExternalName is looked up as a host name, which this is none: write a Service without selector, with the address in an EndpointSlice", service.Spec.ExternalName))
		}
	}
	return findings
}

func leadsToIP(service *corev1.Service) bool {
	_, err := netip.ParseAddr(egress.NormalHost(service.Spec.ExternalName))
	return egress.IsAlias(service) && err == nil
}
