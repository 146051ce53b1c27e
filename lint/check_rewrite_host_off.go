package lint

import "cmp"

const idRewriteHostOff = "rewrite-host-off"

// checkRewriteHostOff reports rewriteHost: false where the sidecar originates TLS for HTTP.
func checkRewriteHostOff(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	for _, service := range release.model.Services {
		if service.RewriteHost == nil || *service.RewriteHost {
			continue
		}
		for _, port := range service.Ports {
			if !port.Protocol.IsHTTP() || !port.TLS.Originates() {
				continue
			}
			findings = append(findings, warning(idRewriteHostOff, at(service.Path, "rewriteHost"),
				"the server gets the alias %q as Host, for which most servers have no site: remove rewriteHost so that it gets %s, or leave it false if the workloads set Host themselves",
				service.Name, cmp.Or(service.ServerName, "the server's own name")).
				relatedTo(at(port.TLS.Path, "mode")).suggesting(at(service.Path, "rewriteHost"), nil))
			break
		}
	}
	return findings
}
