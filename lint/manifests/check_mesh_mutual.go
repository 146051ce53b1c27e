package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkMeshMutual reports the mesh's own TLS towards servers that are not part of the mesh.
func checkMeshMutual(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		host := fullHost(text(rule.spec(), "host"), rule.namespace)
		if !s.external(host) || !s.outsideMesh(host) {
			continue
		}
		for _, block := range tlsBlocks(rule) {
			if block.mode() == "ISTIO_MUTUAL" {
				findings = append(findings, rule.finding("manifest-istio-mutual", lint.Error, block.path+".mode",
					"%s is not part of the mesh and knows nothing of its certificates: set SIMPLE, MUTUAL with a certificate of its own, or DISABLE", host))
			}
		}
	}
	return findings
}

// outsideMesh tells whether the manifests say that the host is external.
func (s *set) outsideMesh(host string) bool {
	for _, entry := range s.entries[host] {
		if text(entry.spec(), "location") != "MESH_INTERNAL" && len(child(entry.spec(), "workloadSelector")) == 0 {
			return true
		}
	}
	service, found := s.service(host)
	return found && len(s.entries[host]) == 0 && len(s.slices[service.namespace+"/"+service.name]) > 0
}
