package manifests

import (
	"fmt"
	"slices"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/protocol"
)

// checkPortLevel reports settings of a port that drop the destination's TLS: a port inherits nothing.
func checkPortLevel(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		policy := child(rule.spec(), "trafficPolicy")
		above := settings{rule, "spec.trafficPolicy.tls", child(policy, "tls"), 0}
		if !above.originates() {
			continue
		}
		for i, level := range children(policy, "portLevelSettings") {
			port := number(child(level, "port"), "number")
			if has(level, "tls") || port == 0 || s.sendsTLSItself(rule, port) {
				continue
			}
			finding := rule.finding("manifest-port-level", lint.Error, fmt.Sprintf("spec.trafficPolicy.portLevelSettings[%d]", i),
				"port %d has settings of its own and so inherits nothing: it goes out in plaintext; repeat tls under it", port)
			finding.Related = append(finding.Related, rule.related(above.path))
			findings = append(findings, finding)
		}
	}
	return findings
}

// sendsTLSItself tells whether the port is declared for TLS by the workload, which needs none from the sidecar.
func (s *set) sendsTLSItself(rule object, port int) bool {
	host := fullHost(text(rule.spec(), "host"), rule.namespace)
	return slices.ContainsFunc(s.ports(host, rule.namespace), func(one hostPort) bool {
		return one.number == port && protocol.IsTLS(one.protocol)
	})
}
