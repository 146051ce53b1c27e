package manifests

import (
	"slices"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/lint"
)

// checkGatewayPlaintext reports requests that sidecars send to an egress gateway in plaintext. Istio's automatic mutual TLS does
// not apply: its charts give the pods of gateways no label security.istio.io/tlsMode.
func checkGatewayPlaintext(s *set) []finding {
	var findings []finding
	for o, from := range judged(s, s.VirtualServices) {
		for _, route := range routesOf(from) {
			for _, lead := range route.leads() {
				host := s.FullHost(lead.to.GetHost(), o.name.Namespace)
				if lead.kind != "http" || !lead.mesh || !inCluster(host) || !s.throughGateway(from.Spec.GetHosts(), o.name.Namespace) {
					continue
				}
				for _, rule := range s.Rules(host, o.name.Namespace) {
					if !isPlaintext(rule, lead) {
						continue
					}
					findings = append(findings, o.finding("manifest-gateway-plaintext", lint.Warning, lead.path,
						"workloads' requests get to the gateway in plaintext, and without their identity: set tls.mode: ISTIO_MUTUAL with an sni in %s, and give the Gateway a server with protocol: HTTPS and tls.mode: ISTIO_MUTUAL", s.objectOf(rule)).
						relatedTo(s.objectOf(rule), "spec.host"))
				}
			}
		}
	}
	return findings
}

// throughGateway tells whether a gateway sends the calls of an external host on.
func (s *set) throughGateway(hosts []string, namespace string) bool {
	return slices.ContainsFunc(hosts, func(name string) bool {
		host := s.FullHost(name, namespace)
		return s.external(host) && slices.ContainsFunc(s.leadsFrom[host], func(l lead) bool { return l.gateway && !l.mesh })
	})
}

// isPlaintext tells whether a rule lets a way to its host go out without TLS. Of a subset that it does not have, it says nothing.
func isPlaintext(rule *istio.DestinationRule, l lead) bool {
	subset := l.to.GetSubset()
	if subset != "" && !slices.ContainsFunc(rule.Spec.GetSubsets(), func(s *networking.Subset) bool { return s.GetName() == subset }) {
		return false
	}
	for _, number := range l.numbers() {
		if tlsOfSubset(rule, subset, number).GetMode() == networking.ClientTLSSettings_DISABLE {
			return true
		}
	}
	return false
}
