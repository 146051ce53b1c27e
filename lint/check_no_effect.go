package lint

import "github.com/istio-egress/istio-egress/position"

const idNoEffect = "no-effect"

// checkNoEffect reports settings that change nothing in what is rendered.
func checkNoEffect(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	for _, one := range release.entries {
		if one.inCluster() || len(one.ports) == 0 {
			continue
		}
		if one.tlsOverridden() {
			findings = append(findings, warning(idNoEffect, one.path.Join(position.Key("tls")),
				"every port of %s has tls of its own, so the entry's tls does nothing: remove it", one.label()))
		}
		if !one.allDisabled() {
			continue
		}
		if len(one.selector) > 0 && len(object(one.fields, "trafficPolicy")) == 0 {
			findings = append(findings, warning(idNoEffect, one.path.Join(position.Key("workloadSelector")),
				"workloadSelector limits TLS settings and traffic policy, and %s has neither: remove it, or set tls.mode to SIMPLE or MUTUAL", one.label()))
		}
	}
	return findings
}

func (e entry) tlsOverridden() bool {
	if len(object(e.fields, "tls")) == 0 {
		return false
	}
	own := e.path.Join(position.Key("tls"))
	for _, port := range e.ports {
		if len(port.tlsPath) == len(own) {
			return false
		}
	}
	return true
}

func (e entry) allDisabled() bool {
	for _, port := range e.ports {
		if port.mode() != "DISABLE" {
			return false
		}
	}
	return true
}
