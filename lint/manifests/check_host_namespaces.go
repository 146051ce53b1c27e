package manifests

import (
	"fmt"
	"slices"

	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkHostNamespaces reports a host that a namespace declares in part, while another declares more of it: workloads see their
// own namespace's declarations alone, or those of one other.
func checkHostNamespaces(s *set) []finding {
	var findings []finding
	for o, entry := range judged(s, s.ServiceEntries) {
		for i, host := range entry.Spec.GetHosts() {
			all := s.Entries(host, o.name.Namespace)
			ownEntries := egress.OwnFirst(all, o.name.Namespace)
			if len(ownEntries) == len(all) || ownEntries[0] != entry || isWildcard(host) {
				continue
			}
			for _, port := range s.hiddenPorts(ownEntries, all) {
				findings = append(findings, o.finding("manifest-host-namespaces", lint.Warning, hostPath(i),
					"%s declares port %d of %s%s, and workloads of %s see only what their own namespace declares of a host: declare the port here too",
					port.owner, port.number, host, s.otherwise(ownEntries, port), o.name.Namespace).
					relatedTo(port.owner, port.path))
			}
		}
	}
	return findings
}

// hiddenPorts are the ports of entries of other namespaces that those of the own hide.
func (s *set) hiddenPorts(ownEntries, all []*istio.ServiceEntry) []hostPort {
	namespace := egress.NameOf(ownEntries[0]).Namespace
	var hidden []hostPort
	for _, entry := range all {
		if slices.Contains(ownEntries, entry) || !seenIn(entry, namespace) {
			continue
		}
		for _, port := range entryPorts(s.objectOf(entry), entry) {
			if !slices.ContainsFunc(ownEntries, func(mine *istio.ServiceEntry) bool {
				return slices.ContainsFunc(entryPorts(s.objectOf(mine), mine), port.same)
			}) {
				hidden = append(hidden, port)
			}
		}
	}
	return hidden
}

// same tells whether another port is the same to workloads.
func (p hostPort) same(other hostPort) bool {
	return p.number == other.number && p.target == other.target && p.protocol == other.protocol
}

// otherwise says that the own entries have a port of the number, which leads elsewhere.
func (s *set) otherwise(ownEntries []*istio.ServiceEntry, port hostPort) string {
	for _, entry := range ownEntries {
		for _, mine := range entryPorts(s.objectOf(entry), entry) {
			if mine.number == port.number {
				return fmt.Sprintf(" as %s to port %d, where this one has %s to port %d", port.protocol, port.target, mine.protocol, mine.target)
			}
		}
	}
	return ""
}

// seenIn tells whether a namespace sees an entry, as far as the entry says.
func seenIn(entry *istio.ServiceEntry, namespace string) bool {
	exportTo := entry.Spec.GetExportTo()
	return len(exportTo) == 0 || slices.Contains(exportTo, "*") || slices.Contains(exportTo, namespace)
}
