package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkEndpointsKinds reports hand-written Endpoints: deprecated, and mirrored into slices, so that slices beside them
// give every address twice.
func checkEndpointsKinds(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, endpoints := range s.ofKind(kindEndpoints) {
		slice, both := s.sliceBeside(endpoints)
		if !both {
			findings = append(findings, endpoints.finding("manifest-endpoints-legacy", lint.Warning, "kind",
				"Endpoints is deprecated since Kubernetes 1.33: write an EndpointSlice for each address family"))
			continue
		}
		finding := endpoints.finding("manifest-endpoints-twice", lint.Error, "kind",
			"Kubernetes mirrors Endpoints of a Service without selector into EndpointSlices, so the addresses of %s are there twice: remove the Endpoints", slice)
		finding.Related = append(finding.Related, slice.related("kind"))
		findings = append(findings, finding)
	}
	return findings
}

func (s *set) sliceBeside(endpoints object) (object, bool) {
	for _, one := range s.slices[endpoints.namespace+"/"+endpoints.name] {
		if one.kind == kindEndpointSlice {
			return one, true
		}
	}
	return object{}, false
}
