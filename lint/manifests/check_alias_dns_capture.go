package manifests

import (
	"fmt"
	"slices"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkAliasDNSCapture reports aliases that sidecars which capture DNS do not recognise: they know the host of the ServiceEntry
// by an address of its own, and the alias leads to the real one. HTTP is recognised by its Host header.
func checkAliasDNSCapture(s *set) []finding {
	var findings []finding
	for o, service := range judged(s, s.Services) {
		if !s.dnsCapture || !egress.IsAlias(service) {
			continue
		}
		host := egress.NormalHost(service.Spec.ExternalName)
		for _, entry := range egress.OwnFirst(s.Entries(host, o.name.Namespace), o.name.Namespace) {
			if !allocated(entry) {
				continue
			}
			for _, port := range entryPorts(s.objectOf(entry), entry) {
				called := slices.IndexFunc(s.servicePorts(service), func(own hostPort) bool { return own.number == port.number })
				if called < 0 || !port.protocol.IsTLS() && !port.protocol.IsTCP() {
					continue
				}
				advice := "give it spec.addresses with the server's IPs"
				if port.protocol.IsTLS() {
					advice = fmt.Sprintf("give it the label %s: \"false\"", allocateLabel)
				}
				findings = append(findings, o.finding("manifest-alias-dns-capture", lint.Error, fmt.Sprintf("spec.ports[%d]", called),
					"with DNS capture, sidecars know %s by an address of its own, to which the alias does not resolve: calls to port %d pass %s by; %s", host, port.number, s.objectOf(entry), advice).
					relatedTo(s.objectOf(entry), port.path))
			}
		}
	}
	return findings
}
