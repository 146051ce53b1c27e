package manifests

import (
	"slices"

	"github.com/istio-egress/istio-egress/lint"
)

// checkSelectorVisibility reports rules for selected workloads that other namespaces should see, which istiod refuses.
func checkSelectorVisibility(s *set) []finding {
	var findings []finding
	for o, rule := range judged(s, s.DestinationRules) {
		exportTo := rule.Spec.GetExportTo()
		ownNamespaceAlone := len(exportTo) == 1 && slices.Contains([]string{".", o.name.Namespace}, exportTo[0])
		if rule.Spec.GetWorkloadSelector() != nil && len(exportTo) > 0 && !ownNamespaceAlone {
			findings = append(findings, o.finding("manifest-selector-visibility", lint.Error, "spec.exportTo",
				`a selector is for workloads of the rule's own namespace, and Istio refuses any other exportTo beside it: write ["."], or remove it`))
		}
	}
	return findings
}
