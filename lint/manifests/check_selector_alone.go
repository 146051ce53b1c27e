package manifests

import (
	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkSelectorAlone reports TLS for selected workloads only: all others see the host too, and send it plaintext.
func checkSelectorAlone(s *set) []finding {
	var findings []finding
	for o, rule := range s.rulesInEffect() {
		host := s.hostOf(rule)
		if !hasSelector(rule) || s.atGateways[host] {
			continue
		}
		for _, port := range s.ports(host, o.name.Namespace) {
			if !tlsOfPort(rule, port.number).originates() || !port.protocol.IsHTTP() || s.everybodyElse(host, o.name.Namespace, port.number) {
				continue
			}
			findings = append(findings, o.finding("manifest-selector-alone", lint.Warning, "spec.workloadSelector",
				"workloads outside the selector send plaintext to port %d: add a DestinationRule for %s without selector, SIMPLE with sni and subjectAltNames", port.number, host).
				relatedTo(port.owner, port.path))
			break
		}
	}
	return findings
}

// everybodyElse tells whether a rule without selector originates TLS for the port.
func (s *set) everybodyElse(host, namespace string, port int) bool {
	for _, rule := range egress.OwnFirst(s.Rules(host, namespace), namespace) {
		if !hasSelector(rule) && tlsOfPort(rule, port).originates() {
			return true
		}
	}
	return false
}
