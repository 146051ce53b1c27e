package lint

import "github.com/istio-egress/istio-egress/position"

const idClientCertificateVisible = "client-certificate-visible"

// checkClientCertificateVisible reports an entry with a client certificate that every namespace sees.
func checkClientCertificateVisible(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	for _, one := range release.entries {
		if one.inCluster() || !one.visibleToAll() {
			continue
		}
		for _, port := range one.ports {
			if port.mode() != "MUTUAL" {
				continue
			}
			path := one.path.Join(position.Key("exportTo"))
			if len(one.exportTo) > 0 {
				path = one.exportPath
			}
			consequence := "the sidecars of other namespaces try to use it too, and fail where the files are not mounted"
			if len(one.selector) > 0 {
				consequence = "other workloads reach the server without it, and are turned away there"
			}
			findings = append(findings, warning(idClientCertificateVisible, path,
				"%s needs a client certificate and is visible to all namespaces: %s; set exportTo: [\".\"], or name the namespaces that have the certificate",
				one.label(), consequence).relatedTo(port.tlsPath.Join(position.Key("mode"))))
			break
		}
	}
	return findings
}
