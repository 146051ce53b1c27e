package manifests

import (
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/objects"
)

// checkDecoded reports fields that the kind does not have and values of the wrong type, and marks the objects, which then
// say other things than their author thinks.
func checkDecoded(s *set) []lint.Finding {
	var findings []lint.Finding
	for i, o := range s.objects {
		_, misfits := objects.Read(o.node)
		for _, misfit := range misfits {
			s.objects[i].unreadable = true
			findings = append(findings, o.finding("manifest-not-decoded", lint.Error, misfit.At.String(), "%s", misfit.Message))
		}
	}
	return findings
}
