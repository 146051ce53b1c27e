package manifests

import (
	"slices"

	networking "istio.io/api/networking/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkMeshMutual reports the mesh's own TLS towards servers that are not part of the mesh.
func checkMeshMutual(s *set) []finding {
	var findings []finding
	for o, rule := range s.rulesInEffect() {
		host := s.hostOf(rule)
		if !s.external(host) || !s.outsideMesh(host) {
			continue
		}
		for _, block := range tlsBlocks(rule) {
			if block.GetMode() != networking.ClientTLSSettings_ISTIO_MUTUAL {
				continue
			}
			advice := "set SIMPLE, or MUTUAL with a certificate of its own"
			if !slices.ContainsFunc(s.portsUnder(rule, block), func(port hostPort) bool { return port.protocol.IsHTTP() && port.target == 443 }) {
				advice = "set SIMPLE, MUTUAL with a certificate of its own, or DISABLE"
			}
			findings = append(findings, o.finding("manifest-istio-mutual", lint.Error, block.path+".mode",
				"%s is not part of the mesh and knows nothing of its certificates: %s", host, advice))
		}
	}
	return findings
}

// outsideMesh tells whether the manifests say that the host is external.
func (s *set) outsideMesh(host string) bool {
	entries := s.Entries(host, "")
	for _, entry := range entries {
		if entry.Spec.GetLocation() == networking.ServiceEntry_MESH_EXTERNAL && len(entry.Spec.GetWorkloadSelector().GetLabels()) == 0 {
			return true
		}
	}
	service, found := s.Service(host, "")
	if !found || len(entries) > 0 {
		return false
	}
	name := egress.NameOf(service)
	return len(s.Slices(name)) > 0 || s.Mirrored(name) != nil
}
