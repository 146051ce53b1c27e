package manifests

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/lint"
)

// checkHostTwice reports ServiceEntries for a host in a namespace that Istio does not join, or joins to what nobody meant. Their
// ports add up when they are alike otherwise.
func checkHostTwice(s *set) []finding {
	var findings []finding
	first := map[string]*istio.ServiceEntry{}
	for o, entry := range judged(s, s.ServiceEntries) {
		for i, host := range entry.Spec.GetHosts() {
			key := o.name.Namespace + "/" + host
			other := first[key]
			if other == nil {
				first[key] = entry
				continue
			}
			if other.Name == entry.Name { // the same object for another environment
				continue
			}
			if field := unlike(entry, other); field != "" {
				findings = append(findings, o.finding("manifest-host-twice", lint.Error, hostPath(i),
					"%s declares %s too, with other %s, and Istio does not join the two then: calls to the ports of the younger fail; make them alike, or declare all ports in one ServiceEntry", s.objectOf(other), host, field).
					relatedTo(s.objectOf(other), "spec.hosts"))
				break
			}
			findings = append(findings, s.portsTwice(entry, other, host)...)
		}
	}
	return findings
}

// unlike names what keeps Istio from joining two entries for a host (canMergeServices in its pilot/pkg/model/sidecar.go).
func unlike(a, b *istio.ServiceEntry) string {
	sorted := func(values []string) []string { return slices.Compact(slices.Sorted(slices.Values(values))) }
	switch {
	case a.Spec.GetResolution() != b.Spec.GetResolution():
		return "resolution"
	case !slices.Equal(sorted(a.Spec.GetExportTo()), sorted(b.Spec.GetExportTo())):
		return "exportTo"
	case !maps.Equal(a.Labels, b.Labels):
		return "labels in metadata"
	case !maps.Equal(a.Spec.GetWorkloadSelector().GetLabels(), b.Spec.GetWorkloadSelector().GetLabels()):
		return "workloadSelector"
	}
	return ""
}

// portsTwice reports ports that both entries have, when they lead elsewhere: the settings of the older entry count, and its
// servers are called in turn with those of the other.
func (s *set) portsTwice(entry, other *istio.ServiceEntry, host string) []finding {
	var findings []finding
	o, before := s.objectOf(entry), s.objectOf(other)
	for _, clash := range clashes(entry, other) {
		here, there := serversOf(entry, clash[0]), serversOf(other, clash[1])
		meaning := fmt.Sprintf("its calls go to %s and to %s in turn", there, here)
		if here == there {
			meaning = fmt.Sprintf("it is %s or %s, as the older one says", clash[1].protocol, clash[0].protocol)
		}
		findings = append(findings, o.finding("manifest-host-twice", lint.Error, clash[0].path,
			"%s has port %d of %s too, and Istio joins the two: %s; declare it in one ServiceEntry", before, clash[0].number, host, meaning).
			relatedTo(before, clash[1].path))
	}
	return findings
}

// clashes are the ports of the same number that two entries lead elsewhere, or have with other protocols.
func clashes(entry, other *istio.ServiceEntry) [][2]hostPort {
	var found [][2]hostPort
	for _, port := range entryPorts(nil, entry) {
		for _, before := range entryPorts(nil, other) {
			if port.number == before.number && (port.protocol != before.protocol || serversOf(entry, port) != serversOf(other, before)) {
				found = append(found, [2]hostPort{port, before})
			}
		}
	}
	return found
}

// serversOf tells where calls of a port go.
func serversOf(entry *istio.ServiceEntry, port hostPort) string {
	var servers []string
	for _, endpoint := range entry.Spec.GetEndpoints() {
		servers = append(servers, endpoint.GetAddress())
	}
	if len(servers) == 0 || entry.Spec.GetResolution() == networking.ServiceEntry_NONE {
		return fmt.Sprintf("port %d", port.target)
	}
	slices.Sort(servers)
	return fmt.Sprintf("port %d of %s", port.target, strings.Join(servers, ", "))
}
