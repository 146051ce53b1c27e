package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkHostTwice reports several ServiceEntries for a host in a namespace: the oldest counts, the others are ignored.
func checkHostTwice(s *set) []lint.Finding {
	var findings []lint.Finding
	first := map[string]object{}
	for _, entry := range s.ofKind(kindServiceEntry) {
		for i, host := range texts(entry.spec(), "hosts") {
			key := entry.namespace + "/" + host
			other, taken := first[key]
			if !taken {
				first[key] = entry
				continue
			}
			if other.name == entry.name { // the same object for another environment
				continue
			}
			finding := entry.finding("manifest-host-twice", lint.Error, hostPath(i),
				"%s declares %s in this namespace too, and only the older one counts: declare all its ports in one ServiceEntry", other, host)
			finding.Related = append(finding.Related, other.related("spec.hosts"))
			findings = append(findings, finding)
		}
	}
	return findings
}
