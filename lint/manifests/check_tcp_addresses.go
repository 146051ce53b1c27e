package manifests

import (
	"strings"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/protocol"
)

// checkTCPAddresses reports ServiceEntries with a TCP port and no addresses: their listener takes all traffic on the port.
func checkTCPAddresses(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, entry := range s.ofKind(kindServiceEntry) {
		if len(texts(entry.spec(), "addresses")) > 0 || s.namesService(entry) {
			continue
		}
		for _, port := range entryPorts(entry) {
			if protocol.IsOpaque(port.protocol) {
				findings = append(findings, entry.finding("manifest-tcp-addresses", lint.Error, port.path,
					"a %s port without addresses captures the traffic of every destination on port %d: add spec.addresses with the server's IPs", strings.ToUpper(port.protocol), port.number))
			}
		}
	}
	return findings
}

// namesService tells whether the hosts are Services of the cluster, whose addresses the sidecar knows.
func (s *set) namesService(entry object) bool {
	hosts := texts(entry.spec(), "hosts")
	for _, host := range hosts {
		if !inCluster(host) {
			return false
		}
	}
	return len(hosts) > 0
}
