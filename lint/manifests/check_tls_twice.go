package manifests

import (
	"fmt"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/protocol"
)

// checkTLSTwice reports TLS origination on ports where the workload sends TLS itself. Rules for an egress gateway are left
// alone: what reaches it there is not what the workload sends.
func checkTLSTwice(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		host := fullHost(text(rule.spec(), "host"), rule.namespace)
		if !s.external(host) || s.throughGateway(host) || ofGateway(rule) {
			continue
		}
		reported := map[string]bool{}
		for _, port := range s.ports(host, rule.namespace) {
			block, found := tlsOfPort(rule, port.number)
			if !found || !block.originates() || !protocol.IsTLS(port.protocol) || reported[block.path] {
				continue
			}
			reported[block.path] = true
			finding := rule.finding("manifest-tls-twice", lint.Error, block.path+".mode",
				"the workload sends TLS to port %d itself (%s), and %s would encrypt it once more: set DISABLE for this port, or declare the port as HTTP", port.number, port.protocol, block.mode())
			finding.Related = append(finding.Related, port.owner.related(port.path))
			findings = append(findings, finding)
		}
	}
	return findings
}

func hostPath(i int) string { return fmt.Sprintf("spec.hosts[%d]", i) }
