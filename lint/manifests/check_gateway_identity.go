package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkGatewayIdentity reports workloads' own TLS that sidecars send to an egress gateway as it is: the gateway passes it on by
// its server name, and gets no certificate of the mesh that tells who calls. Policies by namespace or service account let
// nobody pass then, or everybody.
func checkGatewayIdentity(s *set) []finding {
	var findings []finding
	for o, hop := range gatewayHops(s) {
		if rule := s.plaintextRule(hop); hop.kind == "tls" && rule != nil {
			findings = append(findings, o.finding("manifest-gateway-identity", lint.Warning, hop.path,
				"workloads' own TLS gets to the gateway without their identity, so that no policy there knows who calls: set tls.mode: ISTIO_MUTUAL with an sni in %s, and give the Gateway a server with protocol: TLS, tls.mode: ISTIO_MUTUAL and a tcp route", s.objectOf(rule)).
				relatedTo(s.objectOf(rule), "spec.host"))
		}
	}
	return findings
}
