package explain

import (
	"strings"

	"istio.io/api/security/v1beta1"
	securityv1 "istio.io/client-go/pkg/apis/security/v1"
)

// limitedTo are the names by which a policy is for a few calls alone: the Services that it is attached to, or of one that denies
// Hosts, or server names. Nil for a policy
// that may have a part in others.
func limitedTo(policy *securityv1.AuthorizationPolicy, domain string) []string {
	if services := servicesOf(policy, domain); services != nil {
		return services
	}
	if policy.Spec.GetAction() != v1beta1.AuthorizationPolicy_DENY {
		return nil
	}
	var names []string
	for _, rule := range policy.Spec.GetRules() {
		limits := hostsOfRule(rule)
		if len(limits) == 0 {
			limits = serverNamesOf(rule)
		}
		if len(limits) == 0 {
			return nil
		}
		names = append(names, limits...)
	}
	return names
}

// servicesOf are the full names of the Services that a policy is attached to, at their waypoint; nil where it is for others too.
func servicesOf(policy *securityv1.AuthorizationPolicy, domain string) []string {
	var names []string
	for _, target := range policy.Spec.GetTargetRefs() {
		if target.GetKind() != kindService || target.GetGroup() != "" {
			return nil
		}
		names = append(names, serviceHost(target.GetName(), policy.Namespace, domain))
	}
	return names
}

// hostsOfRule are the Hosts of a rule, without ports; nil where it is for others too.
func hostsOfRule(rule *v1beta1.Rule) []string {
	var names []string
	for _, to := range rule.GetTo() {
		hosts := to.GetOperation().GetHosts()
		if len(hosts) == 0 {
			return nil
		}
		for _, host := range hosts {
			if strings.HasSuffix(strings.TrimSuffix(host, ":*"), "*") {
				return nil // covers tells nothing of such patterns
			}
			names = append(names, strings.ToLower(strings.TrimSuffix(host, ":*")))
		}
	}
	return names
}

func serverNamesOf(rule *v1beta1.Rule) []string {
	for _, condition := range rule.GetWhen() {
		if condition.GetKey() == "connection.sni" && len(condition.GetValues()) > 0 {
			return lower(condition.GetValues())
		}
	}
	return nil
}
