package manifests

import (
	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkAliasRule reports DestinationRules on the name of an ExternalName Service: Istio has ignored them since 1.21.
func checkAliasRule(s *set) []finding {
	var findings []finding
	for o, rule := range judged(s, s.DestinationRules) {
		service, ofAlias := s.alias(s.hostOf(rule))
		if !ofAlias || leadsToIP(service) { // an IP has a finding of its own, and there is no host to write the rule for
			continue
		}
		findings = append(findings, o.finding("manifest-alias-rule", lint.Error, "spec.host",
			"the rule does nothing: %s is an ExternalName Service, and since 1.21 Istio follows no rules for its name: write the rule for %s, with a ServiceEntry for that host",
			rule.Spec.GetHost(), egress.NormalHost(service.Spec.ExternalName)).
			relatedTo(s.objectOf(service), "spec.externalName"))
	}
	return findings
}
