package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkNames reports TLS that does not say which name the server must prove, or which one to ask for.
func checkNames(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		host := fullHost(text(rule.spec(), "host"), rule.namespace)
		if service, found := s.service(host); found && !s.external(host) && !isAlias(service) {
			continue
		}
		for _, block := range tlsBlocks(rule) {
			if !block.originates() || block.tls["insecureSkipVerify"] == true {
				continue
			}
			switch sni, names := text(block.tls, "sni"), texts(block.tls, "subjectAltNames"); {
			case sni != "" && len(names) == 0:
				findings = append(findings, rule.finding("manifest-subject-alt-names", lint.Error, block.path+".sni",
					"with sni and without subjectAltNames no name is verified: any certificate of a trusted CA is accepted; add subjectAltNames: [%s]", sni))
			case sni == "" && s.calledByAlias(host) && !s.dead(host):
				findings = append(findings, rule.finding("manifest-sni", lint.Error, block.path+".mode",
					"without sni the sidecar asks for the name in the Host header, which is the alias: the handshake fails, or the wrong name is verified; set sni and subjectAltNames"))
			}
		}
	}
	return findings
}

// calledByAlias tells whether workloads call the host by a local name that no VirtualService replaces.
func (s *set) calledByAlias(host string) bool {
	aliases := s.aliases[host]
	if service, found := s.service(host); found {
		aliases = append(aliases[:len(aliases):len(aliases)], service)
	}
	for _, alias := range aliases {
		if len(s.routes[serviceHost(alias.namespace, alias.name)]) == 0 {
			return true
		}
	}
	return false
}
