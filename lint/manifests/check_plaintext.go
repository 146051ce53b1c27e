package manifests

import (
	"fmt"

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
			missing := fmt.Sprintf("add a DestinationRule for the host with %s", simpleSettings)
			if rule, ok := s.ruleOf(entry); ok {
				missing = fmt.Sprintf("give the port %s in %s", simpleSettings, rule)
			}
			findings = append(findings, entry.finding("manifest-plaintext", lint.Warning, port.path,
				"port %d sends plaintext to port 443 of the server: %s", port.number, missing))
		}
	}
	return findings
}

const simpleSettings = "tls.mode: SIMPLE, sni and subjectAltNames"

// ruleOf returns the rule that a host of the entry has already.
func (s *set) ruleOf(entry object) (object, bool) {
	for _, host := range texts(entry.spec(), "hosts") {
		if rules := ownFirst(s.rules[host], entry.namespace); len(rules) > 0 {
			return rules[0], true
		}
	}
	return object{}, false
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
