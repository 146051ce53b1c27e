package manifests

import (
	"slices"

	"github.com/istio-egress/istio-egress/lint"
)

// checkTCPNames reports TLS of TCP ports that names no server: without a Host header, there is nothing to take a name from.
func checkTCPNames(s *set) []finding {
	var findings []finding
	for o, rule := range s.rulesInEffect() {
		host := s.hostOf(rule)
		if !s.external(host) {
			continue
		}
		for _, block := range tlsBlocks(rule) {
			if !block.originates() || block.GetInsecureSkipVerify().GetValue() || block.GetSni() != "" || len(block.GetSubjectAltNames()) > 0 {
				continue
			}
			ports := s.portsUnder(rule, block)
			i := slices.IndexFunc(ports, func(port hostPort) bool { return port.protocol.IsTCP() })
			if i < 0 {
				continue
			}
			name := host
			if inCluster(host) {
				name = "the server's name"
			}
			findings = append(findings, o.finding("manifest-tcp-names", lint.Error, block.path+".mode",
				"port %d (%s) has no Host header to take a name from, so none is verified: any certificate of a trusted CA is accepted; set sni and subjectAltNames to %s", ports[i].number, ports[i].protocol, name).
				relatedTo(ports[i].owner, ports[i].path))
		}
	}
	return findings
}
