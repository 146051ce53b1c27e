package lint

import (
	"cmp"
	"strings"

	"github.com/istio-egress/istio-egress/position"
)

const idArgoCD = "argocd-endpoints"

// checkArgoCD reports endpoints that Argo CD does not apply: it excludes Endpoints and EndpointSlice from what it
// manages. An error with Options.ArgoCD; a warning where Argo CD's own annotations or labels show that it is used.
func checkArgoCD(release *loadedRelease, options Options) []Finding {
	var findings []Finding
	for _, one := range release.entries {
		if one.collection != endpointServices || !options.ArgoCD && !one.hasArgoCDMetadata() {
			continue
		}
		own, common := text(one.fields, "endpointsKind"), text(release.values, "endpointsKind")
		kind := cmp.Or(own, common, "EndpointSlice")
		if kind == "ServiceEntry" {
			continue
		}
		finding := warning(idArgoCD, one.path.Join(position.Key("endpointsKind")),
			"Argo CD leaves out %s objects by default, so %s would have no endpoints: set endpointsKind: ServiceEntry, here or at the top level", kind, one.label())
		if options.ArgoCD {
			finding.Severity = Error
		}
		if own == "" && common != "" {
			finding = finding.relatedTo(position.Path{position.Key("endpointsKind")})
		}
		findings = append(findings, finding)
	}
	return findings
}

const argoCDPrefix = "argocd.argoproj.io/"

func (e entry) hasArgoCDMetadata() bool {
	for _, metadata := range []map[string]any{
		object(e.fields, "annotations"), object(e.fields, "labels"),
		object(e.release.values, "commonAnnotations"), object(e.release.values, "commonLabels"),
	} {
		for key := range metadata {
			if strings.HasPrefix(key, argoCDPrefix) {
				return true
			}
		}
	}
	return false
}
