package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkDecoded reports fields that the kind does not have and values of the wrong type, and marks the objects, which then
// say other things than their author thinks.
func checkDecoded(s *set) []lint.Finding {
	var findings []lint.Finding
	for i, one := range s.objects {
		for _, misfit := range one.misfits() {
			s.objects[i].unreadable = true
			findings = append(findings, one.finding("manifest-not-decoded", lint.Error, misfit.at.String(), "%s", misfit.message))
		}
	}
	return findings
}
