package manifests

import (
	"slices"

	"github.com/istio-egress/istio-egress/lint"
)

// checkTLSToPlaintextPort reports TLS that goes to port 80 of the server.
func checkTLSToPlaintextPort(s *set) []finding {
	var findings []finding
	for o, port := range s.tlsPorts() {
		if port.target != 80 || port.protocol.IsTLS() || s.leftAlone(port.host, port.hostPort) {
			continue
		}
		findings = append(findings, o.finding("manifest-tls-to-plaintext-port", lint.Warning, port.block.path+".mode",
			"TLS goes to port 80 of the server, where servers speak plaintext: give port %d targetPort: 443, or the port on which the server takes TLS", port.number).
			relatedTo(port.owner, port.path))
	}
	return findings
}

// leftAlone tells whether routes take the calls of a port, and none leads there.
func (s *set) leftAlone(host string, port hostPort) bool {
	taken := slices.ContainsFunc(s.leadsFrom[host], func(l lead) bool {
		return l.mesh && l.reads(port.protocol) && l.takes(port.number)
	})
	return taken && !slices.ContainsFunc(s.leadsTo[host], func(l lead) bool { return l.reaches(port.number) })
}
