package egress

import (
	"slices"
	"strings"
)

// Labels and annotations that are not their author's: what the chart and the tools that apply manifests write, and what
// the model has a place of its own for.
var (
	toolPrefixes = []string{
		"argocd.argoproj.io/", "endpoints.kubernetes.io/", "endpointslice.kubernetes.io/", "helm.sh/", "helm.toolkit.fluxcd.io/",
		"kubectl.kubernetes.io/", "kustomize.toolkit.fluxcd.io/", "meta.helm.sh/",
	}
	toolNames = []string{
		"app.kubernetes.io/instance", "app.kubernetes.io/managed-by", "app.kubernetes.io/name", "kubernetes.io/service-name",
		"networking.istio.io/enable-autoallocate-ip", exportToAnnotation, "service.kubernetes.io/headless",
		useWaypoint, useWaypointNamespace, "istio-egress/allow-from",
	}
)

// OwnMetadata returns the labels or annotations that an object's author gave it, without those of the chart and of tools;
// nil for none.
func OwnMetadata(metadata map[string]string) map[string]string {
	var ownMetadata map[string]string
	for name, value := range metadata {
		isTools := slices.ContainsFunc(toolPrefixes, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
		if isTools || slices.Contains(toolNames, name) {
			continue
		}
		if ownMetadata == nil {
			ownMetadata = map[string]string{}
		}
		ownMetadata[name] = value
	}
	return ownMetadata
}
