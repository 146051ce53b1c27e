package manifests

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
)

// checkSlicePorts reports EndpointSlices that no Service uses: without the label that names it, or with port names that
// are not the Service's.
func checkSlicePorts(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, slice := range s.ofKind(kindEndpointSlice) {
		name := text(child(child(slice.fields, "metadata"), "labels"), "kubernetes.io/service-name")
		if name == "" {
			findings = append(findings, slice.finding("manifest-slice-service", lint.Error, "metadata.labels",
				"the slice belongs to no Service: add the label kubernetes.io/service-name with the Service's name"))
			continue
		}
		service, found := s.services[slice.namespace+"/"+name]
		if !found {
			continue
		}
		names := portNames(service)
		for i, port := range children(slice.fields, "ports") {
			if slices.Contains(names, text(port, "name")) {
				continue
			}
			finding := slice.finding("manifest-slice-ports", lint.Error, fmt.Sprintf("ports[%d].name", i),
				"Service %s has no port named %q, so it does not reach these endpoints: its ports are %s", name, text(port, "name"), quoted(names))
			finding.Related = append(finding.Related, service.related("spec.ports"))
			findings = append(findings, finding)
		}
	}
	return findings
}

func portNames(service object) []string {
	var names []string
	for _, port := range children(service.spec(), "ports") {
		names = append(names, text(port, "name"))
	}
	return names
}

func quoted(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(all, ", ")
}
