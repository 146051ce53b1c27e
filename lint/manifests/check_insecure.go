package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkInsecure reports TLS that verifies nothing.
func checkInsecure(s *set) []finding {
	var findings []finding
	for o, rule := range s.rulesInEffect() {
		for _, block := range tlsBlocks(rule) {
			if block.originates() && block.GetInsecureSkipVerify().GetValue() {
				findings = append(findings, o.finding("manifest-insecure", lint.Warning, block.path+".insecureSkipVerify",
					"the server's certificate is not verified, so anyone on the way can read and change the traffic: give caCertificates and subjectAltNames instead"))
			}
		}
	}
	return findings
}
