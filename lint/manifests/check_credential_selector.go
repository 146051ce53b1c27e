package manifests

import (
	"strings"

	"github.com/istio-egress/istio-egress/lint"
)

// checkCredentialSelector reports credentialName without a selector, which sidecars ignore together with the TLS. Rules
// for hosts that a gateway or a waypoint serves are left alone: those do read it.
func checkCredentialSelector(s *set) []finding {
	var findings []finding
	for o, rule := range s.rulesInEffect() {
		if hasSelector(rule) || s.atGateways[s.hostOf(rule)] || s.atWaypoints(s.hostOf(rule)) {
			continue
		}
		for _, block := range tlsBlocks(rule) {
			if block.originates() && needsSelector(block.GetCredentialName()) {
				findings = append(findings, o.finding("manifest-credential-selector", lint.Error, block.path+".credentialName",
					"without spec.workloadSelector, sidecars ignore the credential and send plaintext: add workloadSelector.matchLabels, and a rule without it for all others; or give the certificates as files"))
			}
		}
	}
	return findings
}

// atWaypoints tells whether a host is called by waypoints alone: its entries say that nobody else passes one for it.
func (s *set) atWaypoints(host string) bool {
	for _, entry := range s.Entries(host, "") {
		if entry.Labels["istio.io/use-waypoint"] == "none" {
			return true
		}
	}
	return false
}

// needsSelector tells whether a credential is one that sidecars use only with a selector: not so a CA in a ConfigMap.
func needsSelector(credential string) bool {
	return credential != "" && !strings.HasPrefix(credential, "configmap://")
}
