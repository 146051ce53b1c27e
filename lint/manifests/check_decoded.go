package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkDecoded reports fields that the kind does not have and values of the wrong type.
func checkDecoded(s *set) []finding {
	var findings []finding
	for _, o := range s.all {
		for _, misfit := range o.misfits {
			findings = append(findings, o.finding("manifest-not-decoded", lint.Error, misfit.At.String(), "%s", misfit.Message))
		}
	}
	return findings
}
