package manifests

import (
	"strings"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/protocol"
)

// checkHTTPOn443 reports plaintext HTTP on port 443 of a ServiceEntry, which breaks other HTTPS traffic on that port.
func checkHTTPOn443(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, entry := range s.ofKind(kindServiceEntry) {
		if s.namesService(entry) {
			continue
		}
		for _, port := range entryPorts(entry) {
			if port.number == 443 && protocol.IsHTTP(port.protocol) {
				findings = append(findings, entry.finding("manifest-http-on-443", lint.Error, port.path,
					"%s on port 443 breaks the other HTTPS traffic of the mesh: write number: 80 with targetPort: 443, or protocol: HTTPS if the workload sends TLS itself", strings.ToUpper(port.protocol)))
			}
		}
	}
	return findings
}
