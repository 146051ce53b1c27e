package manifests

import (
	"fmt"

	istio "istio.io/client-go/pkg/apis/networking/v1"

	networking "istio.io/api/networking/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkPlaintext reports HTTP that is sent to a port for TLS without it: to the server's port 443, or where a route leads.
func checkPlaintext(s *set) []finding {
	var findings []finding
	for o, entry := range judged(s, s.ServiceEntries) {
		for _, port := range entryPorts(s.objectOf(entry), entry) {
			if port.protocol.IsHTTP() && port.target == 443 && port.number != 443 && !s.originatesTLS(entry, port) {
				findings = append(findings, o.finding("manifest-plaintext", lint.Warning, port.path,
					"port %d sends plaintext to port 443 of the server: %s", port.number, s.missingTLS(entry)))
			}
		}
	}
	for o, from := range judged(s, s.VirtualServices) {
		for _, route := range routesOf(from) {
			for _, lead := range route.leads() {
				findings = append(findings, s.plaintextLead(o, lead)...)
			}
		}
	}
	return findings
}

// plaintextLead reports requests that a route leads to a port on which the server expects TLS.
func (s *set) plaintextLead(o *object, lead lead) []finding {
	host := s.FullHost(lead.to.GetHost(), o.name.Namespace)
	if lead.kind != "http" || !s.external(host) {
		return nil
	}
	for _, number := range lead.numbers() {
		port, found := s.port(host, o.name.Namespace, number)
		if !found || port.owner.kind != "ServiceEntry" || !port.protocol.IsTLS() || s.encrypts(host, lead.to.GetSubset(), number) {
			continue
		}
		return []finding{o.finding("manifest-plaintext", lint.Warning, lead.path,
			"requests go to port %d of %s in plaintext, which is for TLS (%s): %s", number, host, port.protocol, s.missingTLS(port.owner.value.(*istio.ServiceEntry))).
			relatedTo(port.owner, port.path)}
	}
	return nil
}

// encrypts tells whether some rule, of whatever namespace, has proxies send TLS to a port.
func (s *set) encrypts(host, subset string, port int) bool {
	for _, rule := range s.RulesFor(host, "") {
		if block := tlsOfSubset(rule, subset, port); block.GetMode() != networking.ClientTLSSettings_DISABLE {
			return true
		}
	}
	return false
}

// missingTLS says what to write, in the rule that a host of the entry has already if there is one.
func (s *set) missingTLS(entry *istio.ServiceEntry) string {
	namespace := egress.NameOf(entry).Namespace
	for _, host := range entry.Spec.GetHosts() {
		if rules := egress.OwnFirst(s.Rules(host, namespace), namespace); len(rules) > 0 {
			return fmt.Sprintf("give the port tls.mode: SIMPLE, sni and subjectAltNames in %s", s.objectOf(rules[0]))
		}
	}
	return "add a DestinationRule for the host with tls.mode: SIMPLE, sni and subjectAltNames"
}

// originatesTLS tells whether a rule of any host of the entry has proxies send TLS to the port, or routes see to it.
func (s *set) originatesTLS(entry *istio.ServiceEntry, port hostPort) bool {
	namespace := egress.NameOf(entry).Namespace
	for _, name := range entry.Spec.GetHosts() {
		host := s.FullHost(name, namespace)
		if s.atGateways[host] || s.leftAlone(host, port) {
			return true
		}
		for _, rule := range egress.OwnFirst(s.RulesFor(host, namespace), namespace) {
			if tlsOfPort(rule, port.number).GetMode() != networking.ClientTLSSettings_DISABLE {
				return true
			}
		}
	}
	return false
}
