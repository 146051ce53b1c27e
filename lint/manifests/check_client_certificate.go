package manifests

import (
	networking "istio.io/api/networking/v1"

	"github.com/istio-egress/istio-egress/lint"
)

// checkClientCertificate reports MUTUAL without a certificate, which istiod refuses.
func checkClientCertificate(s *set) []finding {
	var findings []finding
	for o, rule := range judged(s, s.DestinationRules) {
		for _, block := range tlsBlocks(rule) {
			files := block.GetClientCertificate() != "" && block.GetPrivateKey() != ""
			if block.GetMode() == networking.ClientTLSSettings_MUTUAL && !files && block.GetCredentialName() == "" {
				findings = append(findings, o.finding("manifest-client-certificate", lint.Error, block.path+".mode",
					"Istio refuses MUTUAL without a client certificate: set clientCertificate and privateKey; or credentialName with a workloadSelector, and a rule without it for all others; or write SIMPLE"))
			}
		}
	}
	return findings
}
