package manifests

import (
	"slices"

	"github.com/istio-egress/istio-egress/lint"
)

// checkSelectorVisibility reports rules for selected workloads that other namespaces should see, which istiod refuses.
func checkSelectorVisibility(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		exportTo := texts(rule.spec(), "exportTo")
		own := len(exportTo) == 1 && slices.Contains([]string{".", rule.namespace}, exportTo[0])
		if has(rule.spec(), "workloadSelector") && len(exportTo) > 0 && !own {
			findings = append(findings, rule.finding("manifest-selector-visibility", lint.Error, "spec.exportTo",
				`a selector is for workloads of the rule's own namespace, and Istio refuses any other exportTo beside it: write ["."], or remove it`))
		}
	}
	return findings
}
