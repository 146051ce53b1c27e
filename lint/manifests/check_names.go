package manifests

import (
	"slices"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkNames reports TLS that does not say which name the server must prove, or which one to ask for.
func checkNames(s *set) []finding {
	var findings []finding
	for o, rule := range s.rulesInEffect() {
		host := s.hostOf(rule)
		if _, found := s.Service(host, ""); found && !s.external(host) {
			continue
		}
		for _, block := range tlsBlocks(rule) {
			if !block.originates() || block.GetInsecureSkipVerify().GetValue() {
				continue
			}
			if block.GetSni() == "" {
				findings = append(findings, s.withoutSNI(o, rule, block)...)
			} else if len(block.GetSubjectAltNames()) == 0 {
				findings = append(findings, o.finding("manifest-subject-alt-names", lint.Error, block.path+".sni",
					"with sni and without subjectAltNames no name is verified: any certificate of a trusted CA is accepted; add subjectAltNames: [%s]", block.GetSni()))
			}
		}
	}
	return findings
}

// withoutSNI reports where the Host header is not the name of the server, or not always.
func (s *set) withoutSNI(o *object, rule *istio.DestinationRule, block tlsBlock) []finding {
	host := s.hostOf(rule)
	ports := s.portsUnder(rule, block)
	withHost := slices.ContainsFunc(ports, func(port hostPort) bool { return port.protocol.IsHTTP() || port.protocol == "" })
	if (withHost || len(ports) == 0) && s.calledByAlias(host) {
		return []finding{o.finding("manifest-sni", lint.Error, block.path+".mode",
			"without sni the sidecar asks for the name in the Host header, which is the alias: the handshake fails, or the wrong name is verified; set sni and subjectAltNames")}
	}
	for _, lead := range s.leadsTo[host] {
		if lead.authority != "" && slices.ContainsFunc(ports, func(port hostPort) bool { return lead.reaches(port.number) }) {
			return []finding{o.finding("manifest-sni", lint.Warning, block.path+".mode",
				"without sni it is a route that decides which name the server must prove: the one that it writes into the Host header, here %s; set sni and subjectAltNames to the server's name", lead.authority).
				relatedTo(s.objectOf(lead.from), lead.route.path)}
		}
	}
	return nil
}

// portsUnder are the ports that a block counts for: all, where it belongs to a subset.
func (s *set) portsUnder(rule *istio.DestinationRule, block tlsBlock) []hostPort {
	ports := s.ports(s.hostOf(rule), egress.NameOf(rule).Namespace)
	if slices.Contains(blocksOf(rule.Spec.GetTrafficPolicy(), "spec.trafficPolicy"), block) {
		ports = slices.DeleteFunc(ports, func(port hostPort) bool { return tlsOfPort(rule, port.number) != block })
	}
	return ports
}

// calledByAlias tells whether workloads call the host by a local name that no route replaces.
func (s *set) calledByAlias(host string) bool {
	names := slices.Clone(s.Aliases(host))
	if service, found := s.Service(host, ""); found {
		names = append(names, service)
	}
	return slices.ContainsFunc(names, func(name *corev1.Service) bool { return !s.renamed(name, host) })
}

// renamed tells whether all routes that sidecars follow for a local name write another one into the Host header: those for the
// name itself, else those for the host.
func (s *set) renamed(name *corev1.Service, host string) bool {
	for _, address := range []string{s.FullName(egress.NameOf(name)), host} {
		routes, without := 0, 0
		for _, lead := range s.leadsFrom[address] {
			if lead.kind == "http" && lead.mesh {
				routes++
				if lead.authority == "" {
					without++
				}
			}
		}
		if routes > 0 {
			return without == 0
		}
	}
	return false
}
