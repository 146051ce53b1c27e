package manifests

import (
	"iter"
	"slices"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/lint"
)

// checkGatewayPlaintext reports requests and bytes that sidecars send to an egress gateway in plaintext. Istio's automatic mutual
// TLS does not apply: its charts give the pods of gateways no label security.istio.io/tlsMode.
func checkGatewayPlaintext(s *set) []finding {
	words := map[string][2]string{"http": {"requests", "HTTPS"}, "tcp": {"bytes", "TLS"}}
	var findings []finding
	for o, hop := range gatewayHops(s) {
		word, read := words[hop.kind]
		if rule := s.plaintextRule(hop); read && rule != nil {
			findings = append(findings, o.finding("manifest-gateway-plaintext", lint.Warning, hop.path,
				"workloads' %s get to the gateway in plaintext, and without their identity: set tls.mode: ISTIO_MUTUAL with an sni in %s, and give the Gateway a server with protocol: %s and tls.mode: ISTIO_MUTUAL", word[0], s.objectOf(rule), word[1]).
				relatedTo(s.objectOf(rule), "spec.host"))
		}
	}
	return findings
}

// gatewayHop is a way on which sidecars send calls of an external host to a gateway of the mesh.
type gatewayHop struct {
	lead
	gateway string // the full host of its Service
}

// gatewayHops are those of all routes, with the routes' objects.
func gatewayHops(s *set) iter.Seq2[*object, gatewayHop] {
	return func(yield func(*object, gatewayHop) bool) {
		for o, from := range judged(s, s.VirtualServices) {
			for _, route := range routesOf(from) {
				for _, lead := range route.leads() {
					hop := gatewayHop{lead, s.FullHost(lead.to.GetHost(), o.name.Namespace)}
					passes := lead.mesh && inCluster(hop.gateway) && s.throughGateway(from.Spec.GetHosts(), o.name.Namespace)
					if passes && !yield(o, hop) {
						return
					}
				}
			}
		}
	}
}

// plaintextRule is a rule of the gateway's Service by which a hop goes out without the mesh's TLS; nil where there is none.
func (s *set) plaintextRule(hop gatewayHop) *istio.DestinationRule {
	for _, rule := range s.Rules(hop.gateway, "") {
		if isPlaintext(rule, hop.lead) {
			return rule
		}
	}
	return nil
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
	if subset != "" && !hasSubset(rule, subset) {
		return false
	}
	for _, number := range l.numbers() {
		if tlsOfSubset(rule, subset, number).GetMode() == networking.ClientTLSSettings_DISABLE {
			return true
		}
	}
	return false
}

func hasSubset(rule *istio.DestinationRule, name string) bool {
	return slices.ContainsFunc(rule.Spec.GetSubsets(), func(s *networking.Subset) bool { return s.GetName() == name })
}
