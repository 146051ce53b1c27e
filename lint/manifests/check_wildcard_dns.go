package manifests

import (
	"strings"

	"github.com/istio-egress/istio-egress/lint"
)

// checkWildcardDNS reports wildcards that should be looked up by DNS, which istiod refuses.
func checkWildcardDNS(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, entry := range s.ofKind(kindServiceEntry) {
		resolution := text(entry.spec(), "resolution")
		if resolution != "DNS" && resolution != "DNS_ROUND_ROBIN" || len(children(entry.spec(), "endpoints")) > 0 {
			continue
		}
		for i, host := range texts(entry.spec(), "hosts") {
			if strings.HasPrefix(host, "*") {
				findings = append(findings, entry.finding("manifest-wildcard-dns", lint.Error, hostPath(i),
					"%s is no name that DNS could look up, so Istio refuses it with resolution %s: write the hosts one by one, or resolution: NONE", host, resolution))
			}
		}
	}
	return findings
}
