package lint

import (
	"slices"

	"github.com/istio-egress/istio-egress/egress"
)

const idNoEffect = "no-effect"

// checkNoEffect reports settings that change nothing in what is rendered.
func checkNoEffect(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	for _, service := range release.model.Services {
		if service.InCluster || len(service.Ports) == 0 {
			continue
		}
		if service.TLS != nil && !slices.ContainsFunc(service.Ports, func(port *egress.Port) bool { return port.TLS == service.TLS }) {
			findings = append(findings, aboutKey(warning(idNoEffect, at(service.Path, "tls"),
				"every port of %s has tls of its own, so the entry's tls does nothing: remove it", service.ID()).suggesting(at(service.Path, "tls"), nil)))
		}
		originates := slices.ContainsFunc(service.Ports, func(port *egress.Port) bool { return port.TLS.Mode() != "DISABLE" })
		if !originates && len(service.Selector) > 0 && service.Policy == nil {
			findings = append(findings, aboutKey(warning(idNoEffect, at(service.Path, "workloadSelector"),
				"workloadSelector limits TLS settings and traffic policy, and %s has neither: remove it, or set tls.mode to SIMPLE or MUTUAL", service.ID()).suggesting(at(service.Path, "workloadSelector"), nil)))
		}
	}
	return findings
}
