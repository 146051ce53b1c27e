package manifests

import (
	"fmt"
	"strings"

	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/lint"
)

// checkTLSTwice reports TLS origination on ports where the workload sends TLS itself. Ports that routes lead requests to are
// left alone, and so are rules for an egress gateway: what reaches them there is not what the workload sends.
func checkTLSTwice(s *set) []finding {
	var findings []finding
	reported := map[tlsBlock]bool{}
	for o, port := range s.tlsPorts() {
		if !port.protocol.IsTLS() || s.atGateways[port.host] || ofGateway(port.rule) || reported[port.block] || s.getsRequests(port.host, port.number) {
			continue
		}
		reported[port.block] = true
		findings = append(findings, o.finding("manifest-tls-twice", lint.Error, port.block.path+".mode",
			"the workload sends TLS to port %d itself (%s), and %s would encrypt it once more: set DISABLE for this port%s",
			port.number, port.protocol, port.block.GetMode(), s.insteadOfTLS(port.host, o.name.Namespace, port.hostPort)).
			relatedTo(port.owner, port.path))
	}
	return findings
}

// insteadOfTLS says how workloads can leave the TLS to the sidecar, where no other port does that already.
func (s *set) insteadOfTLS(host, namespace string, port hostPort) string {
	number := port.number
	if number == 443 { // on which HTTP is a trap of its own
		number = 80
		if _, taken := s.port(host, namespace, number); taken {
			return ""
		}
	}
	return fmt.Sprintf("; or, if the mesh is to send TLS, declare the port as HTTP, with number: %d and targetPort: %d", number, port.target)
}

// getsRequests tells whether an HTTP route leads to the port, on which proxies then send requests of their own.
func (s *set) getsRequests(host string, port int) bool {
	for _, found := range s.leadsTo[host] {
		if found.kind == "http" && found.reaches(port) {
			return true
		}
	}
	return false
}

// ofGateway tells whether a rule selects the pods of a gateway, by the label that Istio gives them.
func ofGateway(rule *istio.DestinationRule) bool {
	return strings.HasSuffix(rule.Spec.GetWorkloadSelector().GetMatchLabels()["istio"], "gateway")
}

func hostPath(i int) string { return fmt.Sprintf("spec.hosts[%d]", i) }
