package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkInsecure reports TLS that verifies nothing.
func checkInsecure(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		for _, block := range tlsBlocks(rule) {
			if block.originates() && block.tls["insecureSkipVerify"] == true {
				findings = append(findings, rule.finding("manifest-insecure", lint.Warning, block.path+".insecureSkipVerify",
					"the server's certificate is not verified, so anyone on the way can read and change the traffic: give caCertificates and subjectAltNames instead"))
			}
		}
	}
	return findings
}
