package manifests

import (
	"fmt"
	"strings"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/lint"
)

// checkCIDR reports ranges in the addresses of a ServiceEntry that is resolved by DNS, which istiod refuses.
func checkCIDR(s *set) []finding {
	var findings []finding
	for o, entry := range judged(s, s.ServiceEntries) {
		if !byDNS(entry) {
			continue
		}
		for i, address := range entry.Spec.GetAddresses() {
			if strings.Contains(address, "/") {
				findings = append(findings, o.finding("manifest-cidr", lint.Error, fmt.Sprintf("spec.addresses[%d]", i),
					"Istio refuses the range %s with resolution %s: write the server's IPs one by one", address, entry.Spec.GetResolution()))
			}
		}
	}
	return findings
}

// byDNS tells whether proxies look the host of an entry up.
func byDNS(entry *istio.ServiceEntry) bool {
	resolution := entry.Spec.GetResolution()
	return resolution == networking.ServiceEntry_DNS || resolution == networking.ServiceEntry_DNS_ROUND_ROBIN
}
