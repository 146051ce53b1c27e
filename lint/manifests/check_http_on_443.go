package manifests

import (
	"slices"

	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/lint"
)

// checkHTTPOn443 reports plaintext HTTP on port 443 of a ServiceEntry, for which sidecars wait for the first bytes of every
// connection to that port.
func checkHTTPOn443(s *set) []finding {
	var findings []finding
	for o, entry := range judged(s, s.ServiceEntries) {
		if namesServices(entry) {
			continue
		}
		for _, port := range entryPorts(o, entry) {
			if port.number != 443 || !port.protocol.IsHTTP() {
				continue
			}
			advice := "write number: 80 with targetPort: 443"
			if !s.originatesTLS(entry, port) {
				advice = "write protocol: HTTPS if the workload sends TLS itself, else number: 80 with targetPort: 443 and a DestinationRule with SIMPLE, sni and subjectAltNames"
			}
			findings = append(findings, o.finding("manifest-http-on-443", lint.Warning, port.path,
				"with %s on port 443, sidecars look into the first bytes of every connection to port 443, and servers of others that speak first there hang: %s", port.protocol, advice))
		}
	}
	return findings
}

// namesServices tells whether all hosts are Services of the cluster, whose addresses the sidecar knows.
func namesServices(entry *istio.ServiceEntry) bool {
	hosts := entry.Spec.GetHosts()
	return len(hosts) > 0 && !slices.ContainsFunc(hosts, func(host string) bool { return !inCluster(host) })
}
