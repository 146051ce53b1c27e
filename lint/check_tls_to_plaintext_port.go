package lint

import "github.com/istio-egress/istio-egress/egress"

const idTLSToPlaintextPort = "tls-to-plaintext-port"

// checkTLSToPlaintextPort reports TLS that goes to port 80 of the server.
func checkTLSToPlaintextPort(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	for _, service := range release.model.Services {
		if service.InCluster {
			continue
		}
		for _, port := range service.Ports {
			if port.TargetPort == 80 {
				findings = append(findings, tlsToPort80(service, port)...)
			}
		}
	}
	return findings
}

func tlsToPort80(service *egress.Service, port *egress.Port) []Finding {
	path := at(port.Path, "port")
	if port.HasTargetPort {
		path = at(port.Path, "targetPort")
	}
	switch {
	case port.TLS.Originates():
		return []Finding{warning(idTLSToPlaintextPort, path,
			"the mesh originates TLS to port 80 of %s, where servers speak plaintext: set targetPort: 443, or the port on which the server takes TLS", service.Server()).
			relatedTo(at(port.TLS.Path, "mode")).suggesting(at(port.Path, "targetPort"), 443)}
	case port.TLS.Mode() == "DISABLE" && port.Protocol.IsTLS():
		return []Finding{warning(idTLSToPlaintextPort, path,
			"the workload sends TLS (%s) to port 80 of %s, where servers speak plaintext: set targetPort: 443, or name the port http", port.Protocol, service.Server()).
			relatedTo(at(port.Path, "name")).suggesting(at(port.Path, "targetPort"), 443)}
	}
	return nil
}
