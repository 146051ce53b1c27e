package manifests

import (
	"iter"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// rootNamespace is where rules count for all namespaces, unless the mesh says otherwise.
const rootNamespace = "istio-system"

// checkGatewayRule reports rules that an egress gateway does not follow, as another one hides them, and those that hide the
// subsets by which sidecars send calls to the gateway.
func checkGatewayRule(s *set) []finding {
	wildcards := s.wildcardRules()
	var findings []finding
	seen := map[[2]*istio.DestinationRule]bool{}
	for _, exit := range gatewayExits(s) {
		followed, hidden := s.rulesAtGateway(exit, wildcards)
		for _, rule := range hidden {
			if pair := [2]*istio.DestinationRule{followed, rule}; !seen[pair] && exit.differs(followed, rule) {
				seen[pair] = true
				findings = append(findings, s.notFollowed(exit, followed, rule))
			}
		}
	}
	for _, hop := range gatewayHops(s) {
		for _, rule := range slices.Concat(s.Rules(hop.gateway, ""), wildcards) {
			declared := s.ruleWithSubset(hop)
			if pair := [2]*istio.DestinationRule{declared, rule}; declared != nil && !seen[pair] && hidesSubset(rule, declared, hop) {
				seen[pair] = true
				findings = append(findings, s.objectOf(rule).finding("manifest-gateway-rule", lint.Error, "spec.host",
					"in namespace %s this rule counts for %s, and not %s, whose subset %s leads there: calls from that namespace fail; remove it, or put the subset into it",
					egress.NameOf(rule).Namespace, hop.gateway, s.objectOf(declared), hop.to.GetSubset()).
					relatedTo(s.objectOf(declared), "spec.host"))
			}
		}
	}
	return findings
}

// gatewayExit is a way on which a gateway sends calls to a host outside the mesh.
type gatewayExit struct {
	lead
	host      string
	namespace string // of the gateway
}

// gatewayExits are those of all routes that gateways alone follow, where the gateway's namespace is told.
func gatewayExits(s *set) iter.Seq2[*object, gatewayExit] {
	return func(yield func(*object, gatewayExit) bool) {
		for o, from := range judged(s, s.VirtualServices) {
			for _, route := range routesOf(from) {
				for _, lead := range route.leads() {
					exit := gatewayExit{lead, s.FullHost(lead.to.GetHost(), o.name.Namespace), s.gatewayNamespace(from)}
					if lead.gateway && !lead.mesh && exit.namespace != "" && s.external(exit.host) && !yield(o, exit) {
						return
					}
				}
			}
		}
	}
}

// gatewayNamespace is that of the gateway which follows a route: the only one that sees the route, or that of the Service to which
// sidecars send the calls of its hosts; empty where neither tells.
func (s *set) gatewayNamespace(from *istio.VirtualService) string {
	if seenBy := from.Spec.GetExportTo(); len(seenBy) == 1 && seenBy[0] != "." && seenBy[0] != "*" {
		return seenBy[0]
	}
	namespace := egress.NameOf(from).Namespace
	for _, host := range from.Spec.GetHosts() {
		for _, lead := range s.leadsFrom[s.FullHost(host, namespace)] {
			if gateway, ok := egress.ServiceName(s.FullHost(lead.to.GetHost(), namespace), namespace); ok && lead.mesh {
				return gateway.Namespace
			}
		}
	}
	return ""
}

// rulesAtGateway returns the rule that a gateway follows for a host, and those that it would follow without it. Istio looks into
// the gateway's namespace first, then that of the host, then the root namespace; of a gateway in the root namespace, the rules
// there that others see too come last (istio.io/istio, pilot/pkg/model/push_context.go, destinationRule).
func (s *set) rulesAtGateway(exit gatewayExit, wildcards []*istio.DestinationRule) (followed *istio.DestinationRule, hidden []*istio.DestinationRule) {
	all := slices.Concat(s.Rules(exit.host, ""), wildcards)
	in := func(namespace string, counts func(exportTo []string) bool) []*istio.DestinationRule {
		return mostSpecific(all, exit.host, func(rule *istio.DestinationRule) bool {
			return egress.NameOf(rule).Namespace == namespace && counts(rule.Spec.GetExportTo())
		})
	}
	alone := func(exportTo []string) bool { return len(exportTo) == 1 && exportTo[0] == "." }
	exported := func(exportTo []string) bool {
		return len(exportTo) == 0 || slices.Contains(exportTo, "*") || slices.Contains(exportTo, exit.namespace)
	}
	first := func(exportTo []string) bool { return exit.namespace != rootNamespace || alone(exportTo) }
	rules := in(exit.namespace, first)
	for _, entry := range s.Entries(exit.host, "") {
		if namespace := egress.NameOf(entry).Namespace; namespace != exit.namespace && namespace != rootNamespace {
			rules = append(rules, in(namespace, exported)...)
		}
	}
	rules = append(rules, in(rootNamespace, func(exportTo []string) bool { return !alone(exportTo) && exported(exportTo) })...)
	if len(rules) == 0 {
		return nil, nil
	}
	return rules[0], rules[1:]
}

// mostSpecific returns the first rule of those with the longest host that covers a host, of the rules that count.
func mostSpecific(rules []*istio.DestinationRule, host string, counts func(*istio.DestinationRule) bool) []*istio.DestinationRule {
	var best []*istio.DestinationRule
	for _, rule := range rules {
		if name := rule.Spec.GetHost(); counts(rule) && !hasSelector(rule) && coversHost(rule, host) && (best == nil || len(name) > len(best[0].Spec.GetHost())) {
			best = []*istio.DestinationRule{rule}
		}
	}
	return best
}

func coversHost(rule *istio.DestinationRule, host string) bool {
	suffix, wildcard := strings.CutPrefix(rule.Spec.GetHost(), "*")
	return !wildcard || strings.HasSuffix(host, suffix)
}

func (s *set) wildcardRules() []*istio.DestinationRule {
	var wildcards []*istio.DestinationRule
	for _, rule := range judged(s, s.DestinationRules) {
		if isWildcard(rule.Spec.GetHost()) {
			wildcards = append(wildcards, rule)
		}
	}
	return wildcards
}

// differs tells whether calls leave otherwise by one rule than by the other: with other TLS, or not at all where a subset is missing.
func (e gatewayExit) differs(rule, other *istio.DestinationRule) bool {
	subset := e.to.GetSubset()
	if subset != "" && hasSubset(rule, subset) != hasSubset(other, subset) {
		return true
	}
	numbers := e.numbers()
	if len(numbers) == 0 {
		numbers = []int{0} // what counts for all ports
	}
	for _, number := range numbers {
		if !proto.Equal(tlsOfSubset(rule, subset, number).ClientTLSSettings, tlsOfSubset(other, subset, number).ClientTLSSettings) {
			return true
		}
	}
	return false
}

func (s *set) notFollowed(exit gatewayExit, followed, rule *istio.DestinationRule) finding {
	o, winner := s.objectOf(rule), s.objectOf(followed)
	if isWildcard(followed.Spec.GetHost()) && !isWildcard(rule.Spec.GetHost()) {
		return winner.finding("manifest-gateway-rule", lint.Error, "spec.host",
			"the gateway in namespace %s follows this rule for %s, and not %s, whose TLS settings are lost: write a host that does not cover it", exit.namespace, exit.host, o).
			relatedTo(o, "spec.host")
	}
	return o.finding("manifest-gateway-rule", lint.Error, "spec.host",
		"the gateway in namespace %s does not follow this rule for %s, as %s comes first: put the settings into that one, and remove this one", exit.namespace, exit.host, winner).
		relatedTo(winner, "spec.host")
}

// ruleWithSubset is the rule of the gateway's own namespace that has a hop's subset; nil where there is none.
func (s *set) ruleWithSubset(hop gatewayHop) *istio.DestinationRule {
	gateway, _ := egress.ServiceName(hop.gateway, "")
	for _, rule := range s.Rules(hop.gateway, "") {
		if egress.NameOf(rule).Namespace == gateway.Namespace && hop.to.GetSubset() != "" && hasSubset(rule, hop.to.GetSubset()) {
			return rule
		}
	}
	return nil
}

// hidesSubset tells whether a rule takes the place of another in its own namespace, for its workloads, and lacks the subset.
func hidesSubset(rule, declared *istio.DestinationRule, hop gatewayHop) bool {
	if hasSubset(rule, hop.to.GetSubset()) || !coversHost(rule, hop.gateway) {
		return false
	}
	return egress.NameOf(rule).Namespace != egress.NameOf(declared).Namespace && egress.NameOf(rule).Namespace != rootNamespace
}
