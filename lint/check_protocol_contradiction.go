package lint

import (
	"github.com/istio-egress/istio-egress/lint/protocol"
	"github.com/istio-egress/istio-egress/position"
)

const idProtocolContradiction = "protocol-contradiction"

// checkProtocolContradiction reports a port whose name says another kind of protocol than its appProtocol, which wins.
func checkProtocolContradiction(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	for _, one := range release.entries {
		for _, port := range one.ports {
			named := protocol.Parse(port.name)
			if named == "" || port.protocol == "" || protocolKind(named) == protocolKind(port.protocol) {
				continue
			}
			at := port.path.Join(position.Key("appProtocol"))
			findings = append(findings, warning(idProtocolContradiction, at,
				"Istio takes the port for %s, as appProtocol says, while the name %q says %s: make both say the same", port.protocol, port.name, named).
				relatedTo(port.path.Join(position.Key("name"))))
		}
	}
	return findings
}

// protocolKind is what makes a difference to a sidecar: HTTP that it reads, TLS that it passes on, or bytes.
func protocolKind(name string) string {
	switch {
	case protocol.IsHTTP(name):
		return "http"
	case protocol.IsTLS(name):
		return "tls"
	}
	return "tcp"
}
