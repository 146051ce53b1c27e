package manifests

import (
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/protocol"
)

// checkPlaintext reports HTTP that is sent to the server's port 443 without TLS.
func checkPlaintext(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, entry := range s.ofKind(kindServiceEntry) {
		for _, port := range entryPorts(entry) {
			if !protocol.IsHTTP(port.protocol) || port.target != 443 || port.number == 443 || s.originatesTLS(entry, port.number) {
				continue
			}
			findings = append(findings, entry.finding("manifest-plaintext", lint.Warning, port.path,
				"port %d sends plaintext to port 443 of the server: add a DestinationRule for the host with tls.mode: SIMPLE, sni and subjectAltNames", port.number))
		}
	}
	return findings
}

// originatesTLS tells whether a rule of any host of the entry originates TLS for the port.
func (s *set) originatesTLS(entry object, port int) bool {
	for _, host := range texts(entry.spec(), "hosts") {
		for _, rule := range ownFirst(s.rules[host], entry.namespace) {
			if block, found := tlsOfPort(rule, port); found && block.originates() {
				return true
			}
		}
		if s.throughGateway(host) {
			return true
		}
	}
	return false
}
