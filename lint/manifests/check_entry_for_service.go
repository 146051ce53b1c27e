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
			consequence, addresses := "calls to it get no answer", false
			for _, port := range entryPorts(o, entry) {
				if port.protocol.IsTCP() && len(entry.Spec.GetAddresses()) == 0 {
					consequence, addresses = fmt.Sprintf("calls to it get no answer, and neither do those of other servers on port %d", port.number), true
				}
			}
			path := "spec"
			if egress.IsAlias(service) {
				path = "spec.externalName"
			}
			findings = append(findings, o.finding("manifest-entry-for-service", lint.Error, hostPath(i),
				"%s is a Service already, to which this entry adds no endpoints: %s; %s", host, consequence, insteadOfEntry(service, addresses)).
				relatedTo(s.objectOf(service), path))
		}
	}
	return findings
}

// insteadOfEntry says what gives a Service endpoints, and keeps its ports from taking the traffic of others.
func insteadOfEntry(service *corev1.Service, addresses bool) string {
	switch external := egress.NormalHost(service.Spec.ExternalName); {
	case egress.IsAlias(service) && addresses:
		return fmt.Sprintf("write the entry for %s, the host that it leads to, with its IPs under addresses", external)
	case egress.IsAlias(service):
		return fmt.Sprintf("write the entry for %s, the host that it leads to", external)
	case addresses:
		return "write resolution: STATIC with the servers' IPs under endpoints and addresses, or lead the Service by a VirtualService to an entry of another name"
	}
	return "write resolution: STATIC with the servers' IPs under endpoints, or lead the Service by a VirtualService to an entry of another name"
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
