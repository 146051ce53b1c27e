package manifests

import (
	"fmt"

	"github.com/istio-egress/istio-egress/lint"
)

// checkPortLevel reports settings of a port that drop the destination's TLS: a port inherits nothing.
func checkPortLevel(s *set) []finding {
	var findings []finding
	for o, rule := range s.rulesInEffect() {
		policy := rule.Spec.GetTrafficPolicy()
		if !originates(policy.GetTls()) {
			continue
		}
		for i, level := range policy.GetPortLevelSettings() {
			number := int(level.GetPort().GetNumber())
			port, _ := s.port(s.hostOf(rule), o.name.Namespace, number)
			if level.GetTls() != nil || number == 0 || port.protocol.IsTLS() {
				continue
			}
			findings = append(findings, o.finding("manifest-port-level", lint.Error, fmt.Sprintf("spec.trafficPolicy.portLevelSettings[%d]", i),
				"port %d has settings of its own and so inherits nothing: it goes out in plaintext; repeat tls under it", number).
				relatedTo(o, "spec.trafficPolicy.tls"))
		}
	}
	return findings
}
