package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkWildcardDNS reports wildcards that should be looked up by DNS, which istiod refuses.
func checkWildcardDNS(s *set) []finding {
	var findings []finding
	for o, entry := range judged(s, s.ServiceEntries) {
		if !byDNS(entry) || len(entry.Spec.GetEndpoints()) > 0 {
			continue
		}
		for i, host := range entry.Spec.GetHosts() {
			if isWildcard(host) {
				findings = append(findings, o.finding("manifest-wildcard-dns", lint.Error, hostPath(i),
					"%s is no name that DNS could look up, so Istio refuses it with resolution %s: write the hosts one by one, or resolution: NONE", host, entry.Spec.GetResolution()))
			}
		}
	}
	return findings
}
