package lint

import "github.com/istio-egress/istio-egress/egress"

const idClientCertificateVisible = "client-certificate-visible"

// checkClientCertificateVisible reports an entry with a client certificate that every namespace sees. In ambient mode the
// certificate is the waypoint's, and exportTo hides nothing.
func checkClientCertificateVisible(release *loadedRelease, _ Options) []Finding {
	if release.model.DataPlane != egress.DataPlaneSidecar {
		return nil
	}
	var findings []Finding
	for _, service := range release.model.Services {
		if service.InCluster || !service.All() || service.Through != "" {
			continue
		}
		for _, port := range service.Ports {
			if port.TLS.Mode() != "MUTUAL" {
				continue
			}
			path := at(service.Path, "exportTo")
			if service.ExportToPath != "" {
				path = at(service.ExportToPath)
			}
			consequence := "the sidecars of other namespaces try to use it too, and fail where the files are not mounted"
			if len(service.Selector) > 0 {
				consequence = "other workloads reach the server without it, and are turned away there"
			}
			findings = append(findings, warning(idClientCertificateVisible, path,
				"%s needs a client certificate and is visible to all namespaces: %s; set exportTo: [\".\"], or name the namespaces that have the certificate",
				service.ID(), consequence).relatedTo(at(port.TLS.Path, "mode")).suggesting(at(service.Path, "exportTo"), []any{"."}))
			break
		}
	}
	return findings
}
