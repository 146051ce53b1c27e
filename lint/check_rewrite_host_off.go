package lint

import (
	"cmp"
	"fmt"

	"github.com/istio-egress/istio-egress/egress"
)

const idRewriteHostOff = "rewrite-host-off"

// checkRewriteHostOff reports rewriteHost: false where the mesh originates TLS for HTTP.
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
			findings = append(findings, warning(idRewriteHostOff, at(service.Path, "rewriteHost"), "%s", hostUnchanged(service)).
				relatedTo(at(port.TLS.Path, "mode")).suggesting(at(service.Path, "rewriteHost"), nil))
			break
		}
	}
	return findings
}

// hostUnchanged tells which Host the server gets. Through a gateway it is not the one that the workload sends, which is lost
// between sidecar and gateway.
func hostUnchanged(service *egress.Service) string {
	name := cmp.Or(service.ServerName, "the server's own name")
	if service.Through != "" {
		return fmt.Sprintf("the server gets the alias %q as Host, whatever Host workloads send, as theirs does not get past the gateway, and most servers have no site of that name: remove rewriteHost so that it gets %s", service.Host, name)
	}
	return fmt.Sprintf("the server gets the alias %q as Host, for which most servers have no site: remove rewriteHost so that it gets %s, or leave it false if the workloads set Host themselves", service.Name, name)
}
