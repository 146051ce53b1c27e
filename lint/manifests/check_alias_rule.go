package manifests

import "github.com/istio-egress/istio-egress/lint"

// checkAliasRule reports DestinationRules on the name of an ExternalName Service: Istio has ignored them since 1.21.
func checkAliasRule(s *set) []lint.Finding {
	var findings []lint.Finding
	for _, rule := range s.ofKind(kindDestinationRule) {
		named := text(rule.spec(), "host")
		host := fullHost(named, rule.namespace)
		if !s.dead(host) {
			continue
		}
		service, _ := s.service(host)
		if leadsToIP(service) { // has a finding of its own, and there is no host to write the rule for
			continue
		}
		finding := rule.finding("manifest-alias-rule", lint.Error, "spec.host",
			"the rule does nothing: %s is an ExternalName Service, and since 1.21 Istio follows no rules for its name: write the rule for %s, with a ServiceEntry for that host",
			named, normalHost(text(service.spec(), "externalName")))
		finding.Related = append(finding.Related, service.related("spec.externalName"))
		findings = append(findings, finding)
	}
	return findings
}

// dead tells whether rules for the host do nothing: it is an alias, and no ServiceEntry makes it a host of its own.
func (s *set) dead(host string) bool {
	service, found := s.service(host)
	return found && isAlias(service) && len(s.entries[host]) == 0
}

// ofKind returns the objects of a kind, in the order of the files.
func (s *set) ofKind(kind string) []object {
	var found []object
	for _, one := range s.objects {
		if one.kind == kind {
			found = append(found, one)
		}
	}
	return found
}
