package manifests

import (
	"fmt"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkEntryForService reports ServiceEntries for the name of a Service that give it no endpoints. Those of an alias never do;
// a Service without selector takes them with resolution STATIC alone.
func checkEntryForService(s *set) []finding {
	var findings []finding
	for o, entry := range judged(s, s.ServiceEntries) {
		for i, host := range entry.Spec.GetHosts() {
			service, ok := s.withoutEndpoints(entry, host)
			if !ok {
				continue
			}
			consequence, addresses := "calls to it get no answer", ""
			for _, port := range entryPorts(s.objectOf(entry), entry) {
				if port.protocol.IsTCP() && len(entry.Spec.GetAddresses()) == 0 {
					consequence = fmt.Sprintf("calls to it get no answer, and neither do those of other servers on port %d", port.number)
					addresses = " and addresses"
				}
			}
			advice := fmt.Sprintf("write resolution: STATIC with the servers' IPs under endpoints%s, or lead the Service by a VirtualService to an entry of another name", addresses)
			path := "spec"
			if egress.IsAlias(service) {
				path = "spec.externalName"
				advice = "write the entry for " + egress.NormalHost(service.Spec.ExternalName) + ", the host that it leads to"
				if addresses != "" {
					advice += ", with its IPs under addresses"
				}
			}
			findings = append(findings, o.finding("manifest-entry-for-service", lint.Error, hostPath(i),
				"%s is a Service already, to which this entry adds no endpoints: %s; %s", host, consequence, advice).
				relatedTo(s.objectOf(service), path))
		}
	}
	return findings
}

// withoutEndpoints returns the Service that a host of an entry names, when the entry gives it no endpoints.
func (s *set) withoutEndpoints(entry *istio.ServiceEntry, host string) (*corev1.Service, bool) {
	if !inCluster(host) {
		return nil, false
	}
	service, found := s.Service(host, egress.NameOf(entry).Namespace)
	if !found || leadsToIP(service) {
		return nil, false
	}
	static := entry.Spec.GetResolution() == networking.ServiceEntry_STATIC
	return service, egress.IsAlias(service) || len(service.Spec.Selector) == 0 && !static
}

// standsForService tells whether an entry is reported for what it does to a Service.
func (s *set) standsForService(entry *istio.ServiceEntry) bool {
	for _, host := range entry.Spec.GetHosts() {
		if _, ok := s.withoutEndpoints(entry, host); ok {
			return true
		}
	}
	return false
}
