package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkClientCertificate reports MUTUAL without a certificate, which istiod refuses.
func checkClientCertificate(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		for _, block := range tlsBlocks(rule) {
			files := text(block.tls, "clientCertificate") != "" && text(block.tls, "privateKey") != ""
			if block.mode() == "MUTUAL" && !files && text(block.tls, "credentialName") == "" {
				findings = append(findings, rule.finding("manifest-client-certificate", lint.Error, block.path+".mode",
					"Istio refuses MUTUAL without a client certificate: set credentialName with a workloadSelector, or clientCertificate and privateKey, or write SIMPLE"))
			}
		}
	}
	return findings
}
