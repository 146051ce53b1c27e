package manifests

import (
	"fmt"
	"slices"

	"github.com/istio-egress/istio-egress/lint"
)

// checkUnknownPort reports settings for a port that the host does not have, such as the server's own port where workloads
// call another one.
func checkUnknownPort(s *set) []finding {
	var findings []finding
	for o, rule := range s.rulesInEffect() {
		host := s.hostOf(rule)
		ports := s.ports(host, o.name.Namespace)
		if len(ports) == 0 || s.atGateways[host] {
			continue
		}
		for i, level := range rule.Spec.GetTrafficPolicy().GetPortLevelSettings() {
			number := int(level.GetPort().GetNumber())
			if number == 0 || slices.ContainsFunc(ports, func(port hostPort) bool { return port.number == number }) {
				continue
			}
			findings = append(findings, o.finding("manifest-unknown-port", lint.Error, fmt.Sprintf("spec.trafficPolicy.portLevelSettings[%d].port.number", i),
				"%s has no port %d, so these settings do nothing: write the port that workloads call, of %s", host, number, portNumbers(ports)).
				relatedTo(ports[0].owner, "spec.ports"))
		}
	}
	return findings
}
