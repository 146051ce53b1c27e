package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkEndpointsKinds reports hand-written Endpoints: deprecated, and mirrored into slices, so that slices beside them
// give every address twice.
func checkEndpointsKinds(s *set) []finding {
	var findings []finding
	for o := range judged(s, s.Endpoints) {
		slices := s.Slices(o.name)
		if len(slices) == 0 {
			findings = append(findings, o.finding("manifest-endpoints-legacy", lint.Warning, "kind",
				"Endpoints is deprecated since Kubernetes 1.33: write an EndpointSlice for each address family"))
			continue
		}
		slice := s.objectOf(slices[0])
		findings = append(findings, o.finding("manifest-endpoints-twice", lint.Error, "kind",
			"Kubernetes mirrors Endpoints of a Service without selector into EndpointSlices, so the addresses of %s are there twice: remove the Endpoints", slice).
			relatedTo(slice, "kind"))
	}
	return findings
}
