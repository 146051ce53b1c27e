package manifests

import (
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/protocol"
)

// checkSelectorAlone reports TLS for selected workloads only: all others see the host too, and send it plaintext.
func checkSelectorAlone(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		host := fullHost(text(rule.spec(), "host"), rule.namespace)
		if !hasSelector(rule) || s.throughGateway(host) {
			continue
		}
		for _, port := range s.ports(host, rule.namespace) {
			block, found := tlsOfPort(rule, port.number)
			if !found || !block.originates() || !protocol.IsHTTP(port.protocol) || s.everybodyElse(host, rule.namespace, port.number) {
				continue
			}
			finding := rule.finding("manifest-selector-alone", lint.Warning, "spec.workloadSelector",
				"workloads outside the selector send plaintext to port %d: add a DestinationRule for %s without selector, SIMPLE with sni and subjectAltNames", port.number, host)
			finding.Related = append(finding.Related, port.owner.related(port.path))
			findings = append(findings, finding)
			break
		}
	}
	return findings
}

// everybodyElse tells whether a rule without selector originates TLS for the port.
func (s *set) everybodyElse(host, namespace string, port int) bool {
	for _, rule := range ownFirst(s.rules[host], namespace) {
		if block, found := tlsOfPort(rule, port); found && block.originates() && !hasSelector(rule) {
			return true
		}
	}
	return false
}
