package lint

import (
	"cmp"

	"github.com/istio-egress/istio-egress/position"
)

const idRewriteHostOff = "rewrite-host-off"

// checkRewriteHostOff reports rewriteHost: false where the sidecar originates TLS for HTTP.
func checkRewriteHostOff(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	for _, one := range release.entries {
		if rewrite, set := one.fields["rewriteHost"].(bool); !set || rewrite {
			continue
		}
		for _, port := range one.ports {
			if !port.http() || !port.originates() {
				continue
			}
			server := cmp.Or(text(one.fields, "serverName"), text(one.fields, "externalName"), "the server's own name")
			findings = append(findings, warning(idRewriteHostOff, one.path.Join(position.Key("rewriteHost")),
				"the server gets the alias %q as Host, for which most servers have no site: remove rewriteHost so that it gets %s, or leave it false if the workloads set Host themselves", one.name, server).
				relatedTo(port.tlsPath.Join(position.Key("mode"))))
			break
		}
	}
	return findings
}
