package manifests

import (
	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkStartTLS reports TLS to servers that begin in plaintext and start TLS inside their protocol.
func checkStartTLS(s *set) []finding {
	var findings []finding
	for o, port := range s.tlsPorts() {
		server := egress.StartsTLS(port.protocol, port.target)
		if server == "" {
			continue
		}
		severity, exception := lint.Warning, "; if the server does expect TLS from the first byte, leave it"
		if port.protocol == "MySQL" {
			severity, exception = lint.Error, ""
		}
		findings = append(findings, o.finding("manifest-start-tls", severity, port.block.path+".mode",
			"%s starts TLS inside its protocol, and %s sends it from the first byte, which such servers do not understand: set DISABLE for port %d and let the client ask for TLS%s",
			server, port.block.GetMode(), port.number, exception).
			relatedTo(port.owner, port.path))
	}
	return findings
}
