package manifests

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/istio-egress/istio-egress/lint"
)

// checkSlicePorts reports EndpointSlices that no Service uses: without the label that names it, or with port names that
// are not the Service's.
func checkSlicePorts(s *set) []finding {
	var findings []finding
	for o, slice := range judged(s, s.EndpointSlices) {
		name := slice.Labels[discoveryv1.LabelServiceName]
		if name == "" {
			findings = append(findings, o.finding("manifest-slice-service", lint.Error, "metadata.labels",
				"the slice belongs to no Service: add the label kubernetes.io/service-name with the Service's name"))
			continue
		}
		service, found := s.Named(types.NamespacedName{Namespace: o.name.Namespace, Name: name})
		if !found {
			continue
		}
		names := portNames(service)
		for i, port := range slice.Ports {
			if !slices.Contains(names, portName(port)) {
				findings = append(findings, o.finding("manifest-slice-ports", lint.Error, fmt.Sprintf("ports[%d].name", i),
					"Service %s has no port named %q, so it does not reach these endpoints: its ports are %s", name, portName(port), quoted(names)).
					relatedTo(s.objectOf(service), "spec.ports"))
			}
		}
	}
	return findings
}

func portName(port discoveryv1.EndpointPort) string {
	if port.Name == nil {
		return ""
	}
	return *port.Name
}

func portNames(service *corev1.Service) []string {
	var names []string
	for _, port := range service.Spec.Ports {
		names = append(names, port.Name)
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
