package manifests

import (
	"fmt"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
)

// checkCIDR reports ranges in the addresses of a ServiceEntry that is resolved by DNS, which istiod refuses.
func checkCIDR(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, entry := range s.ofKind(kindServiceEntry) {
		resolution := text(entry.spec(), "resolution")
		if resolution != "DNS" && resolution != "DNS_ROUND_ROBIN" {
			continue
		}
		for i, address := range texts(entry.spec(), "addresses") {
			if strings.Contains(address, "/") {
				findings = append(findings, entry.finding("manifest-cidr", lint.Error, fmt.Sprintf("spec.addresses[%d]", i),
					"Istio refuses the range %s with resolution %s: write the server's IPs one by one", address, resolution))
			}
		}
	}
	return findings
}
