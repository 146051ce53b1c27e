package lint

import (
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/position"
)

const idArgoCD = "argocd-endpoints"

// checkArgoCD reports endpoints that Argo CD does not apply: it excludes Endpoints and EndpointSlice from what it
// manages. An error with Options.ArgoCD; a warning where Argo CD's entryPath annotations or labels show that it is used.
func checkArgoCD(release *loadedRelease, options Options) []Finding {
	var findings []Finding
	for _, service := range release.model.Services {
		if service.Kind != egress.EndpointService || service.EndpointsKind == "ServiceEntry" ||
			!options.ArgoCD && !hasArgoCDMetadata(service) {
			continue
		}
		entryPath, common := at(service.Path, "endpointsKind"), at("endpointsKind")
		finding := warning(idArgoCD, entryPath,
			"Argo CD leaves out %s objects by default, so %s would have no endpoints: set endpointsKind: ServiceEntry, here or at the top level", service.EndpointsKind, service.ID()).
			suggesting(entryPath, "ServiceEntry")
		if options.ArgoCD {
			finding.Severity = Error
		}
		if position.Lookup(release.values, entryPath) == nil && position.Lookup(release.values, common) != nil {
			finding = finding.relatedTo(common)
		}
		findings = append(findings, finding)
	}
	return findings
}

const argoCDPrefix = "argocd.argoproj.io/"

func hasArgoCDMetadata(service *egress.Service) bool {
	for _, metadata := range []map[string]string{service.Labels, service.Annotations} {
		for key := range metadata {
			if strings.HasPrefix(key, argoCDPrefix) {
				return true
			}
		}
	}
	return false
}
