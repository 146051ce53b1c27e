package lint

import (
	"github.com/istio-egress/istio-egress/lint/protocol"
	"github.com/istio-egress/istio-egress/position"
)

const idTLSToPlaintextPort = "tls-to-plaintext-port"

// checkTLSToPlaintextPort reports TLS that goes to port 80 of the server.
func checkTLSToPlaintextPort(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	for _, one := range release.entries {
		if one.inCluster() {
			continue
		}
		for _, port := range one.ports {
			if port.target != 80 {
				continue
			}
			at := port.path.Join(position.Key("targetPort"))
			if number(fieldsAt(one, port), "targetPort") == 0 {
				at = port.path.Join(position.Key("port"))
			}
			switch {
			case port.originates():
				findings = append(findings, warning(idTLSToPlaintextPort, at,
					"the sidecar originates TLS to port 80 of %s, where servers speak plaintext: set targetPort: 443, or the port on which the server takes TLS", one.server()).
					relatedTo(port.tlsPath.Join(position.Key("mode"))))
			case port.mode() == "DISABLE" && protocol.IsTLS(port.protocol):
				findings = append(findings, warning(idTLSToPlaintextPort, at,
					"the workload sends TLS (%s) to port 80 of %s, where servers speak plaintext: name the port http, or set targetPort: 443", port.protocol, one.server()).
					relatedTo(port.path.Join(position.Key("name"))))
			}
		}
	}
	return findings
}

func fieldsAt(one entry, port port) map[string]any {
	fields, _ := list(one.fields, "ports")[port.path[len(port.path)-1].Index].(map[string]any)
	return fields
}

// server names the external server for messages.
func (e entry) server() string {
	if e.collection == endpointServices {
		return e.label()
	}
	return e.host
}
