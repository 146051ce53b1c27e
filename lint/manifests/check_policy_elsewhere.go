package manifests

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	typev1beta1 "istio.io/api/type/v1beta1"
	security "istio.io/client-go/pkg/apis/security/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkPolicyElsewhere reports policies that name what a gateway serves, and are not the gateway's: Istio gives a policy to the
// pods of its own namespace that its selector matches (of the root namespace, to those of all), and says nothing where those are
// other pods, or none. What it was to deny is let through then.
func checkPolicyElsewhere(s *set) []finding {
	var exits []gatewayExit
	for _, exit := range gatewayExits(s) {
		exits = append(exits, exit)
	}
	var findings []finding
	for o, policy := range judged(s, s.AuthorizationPolicies) {
		for _, name := range namesIn(policy) {
			if missed := s.missed(o, policy, exitsOf(name, exits)); missed != nil {
				findings = append(findings, *missed)
				break
			}
		}
	}
	return findings
}

// missed reports a policy that is the policy of none of the gateways which serve a name; nil where it is that of one, as each of
// several gateways has policies of its own.
func (s *set) missed(o *object, policy *security.AuthorizationPolicy, exits []gatewayExit) *finding {
	var first *finding
	for _, exit := range exits {
		labels := s.GatewayLabels(exit.from)
		field, why := elsewhere(policy, exit.namespace, labels)
		if why == "" {
			return nil
		}
		if first == nil {
			found := o.finding("manifest-policy-elsewhere", lint.Error, field,
				"%s: this policy has no effect on calls of %s there; put it into namespace %s%s",
				why, strings.Join(exit.from.Spec.GetHosts(), ", "), exit.namespace, withSelector(labels)).
				relatedTo(s.objectOf(exit.from), "spec.hosts")
			first = &found
		}
	}
	return first
}

// exitsOf are those at which a gateway serves what a policy names. A policy of every name, "*", is about no gateway's.
func exitsOf(name string, exits []gatewayExit) []gatewayExit {
	var found []gatewayExit
	for _, exit := range exits {
		if name != "*" && slices.ContainsFunc(exit.from.Spec.GetHosts(), func(host string) bool { return egress.Covers(name, host) }) {
			found = append(found, exit)
		}
	}
	return found
}

// namesIn are what a policy is about, by the Host header, without ports, or by the SNI.
func namesIn(policy *security.AuthorizationPolicy) []string {
	var names []string
	for _, rule := range policy.Spec.GetRules() {
		for _, to := range rule.GetTo() {
			for _, host := range to.GetOperation().GetHosts() {
				names = append(names, strings.TrimSuffix(host, ":*"))
			}
		}
		for _, condition := range rule.GetWhen() {
			if condition.GetKey() == "connection.sni" {
				names = append(names, condition.GetValues()...)
			}
		}
	}
	return slices.Compact(names) // a host with and without a port
}

// elsewhere says why a policy is not one of the gateway's, and by which of its fields; empty where it is.
func elsewhere(policy *security.AuthorizationPolicy, namespace string, labels map[string]string) (field, why string) {
	own := egress.NameOf(policy).Namespace
	selector := policy.Spec.GetSelector().GetMatchLabels()
	switch targets := policy.Spec.GetTargetRefs(); {
	case slices.ContainsFunc(targets, func(target *typev1beta1.PolicyTargetReference) bool { return target.GetKind() == "ServiceEntry" }):
		return "spec.targetRefs", "policies for a ServiceEntry are a waypoint's"
	case len(targets) > 0:
		return "", "" // of a waypoint, or of a gateway of the Gateway API
	case own != namespace && own != rootNamespace:
		return "metadata.namespace", "the gateway's pods are in namespace " + namespace
	}
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		if value, known := labels[key]; known && value != selector[key] {
			return "spec.selector", fmt.Sprintf("the gateway's pods have %s=%s", key, value)
		}
	}
	return "", ""
}

// withSelector says which selector the gateway's pods have; nothing where none is known.
func withSelector(labels map[string]string) string {
	if len(labels) == 0 {
		return ""
	}
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		pairs = append(pairs, key+": "+labels[key])
	}
	return ", with spec.selector.matchLabels {" + strings.Join(pairs, ", ") + "}"
}
