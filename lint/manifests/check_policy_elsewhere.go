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
	var findings []finding
	for o, policy := range judged(s, s.AuthorizationPolicies) {
		for _, exit := range gatewayExits(s) {
			if !names(policy, exit.from.Spec.GetHosts()) {
				continue
			}
			labels := s.GatewayLabels(exit.from)
			if field, why := elsewhere(policy, exit.namespace, labels); why != "" {
				findings = append(findings, o.finding("manifest-policy-elsewhere", lint.Error, field,
					"%s: this policy has no effect on calls of %s there; put it into namespace %s%s",
					why, strings.Join(exit.from.Spec.GetHosts(), ", "), exit.namespace, withSelector(labels)).
					relatedTo(s.objectOf(exit.from), "spec.hosts"))
				break
			}
		}
	}
	return findings
}

// names tells whether a policy is about one of the hosts, by the Host header or by the SNI.
func names(policy *security.AuthorizationPolicy, hosts []string) bool {
	among := func(name string) bool { return slices.Contains(hosts, strings.TrimSuffix(name, ":*")) }
	for _, rule := range policy.Spec.GetRules() {
		for _, to := range rule.GetTo() {
			if slices.ContainsFunc(to.GetOperation().GetHosts(), among) {
				return true
			}
		}
		for _, condition := range rule.GetWhen() {
			if condition.GetKey() == "connection.sni" && slices.ContainsFunc(condition.GetValues(), among) {
				return true
			}
		}
	}
	return false
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
