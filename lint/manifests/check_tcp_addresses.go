package manifests

import (
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/lint"
)

// checkTCPAddresses reports ServiceEntries with a TCP port and no addresses: their listener takes all traffic on the port.
func checkTCPAddresses(s *set) []finding {
	var findings []finding
	for o, entry := range judged(s, s.ServiceEntries) {
		if len(entry.Spec.GetAddresses()) > 0 || s.dnsCapture && allocated(entry) || s.standsForService(entry) {
			continue
		}
		advice := "add spec.addresses with the server's IPs"
		if allocated(entry) && !s.dnsCapture {
			advice += "; or, if the mesh's sidecars capture DNS, lint with --dns-capture"
		}
		for _, port := range entryPorts(s.objectOf(entry), entry) {
			if port.protocol.IsTCP() {
				findings = append(findings, o.finding("manifest-tcp-addresses", lint.Error, port.path,
					"a %s port without addresses captures the traffic of every destination on port %d: %s", port.protocol, port.number, advice))
			}
		}
	}
	return findings
}

// allocateLabel keeps Istio from giving the hosts of an entry addresses of their own.
const allocateLabel = "networking.istio.io/enable-autoallocate-ip"

// allocated tells whether Istio gives the hosts of an entry addresses of their own, which sidecars that capture DNS answer with
// (istio.io/istio, pilot/pkg/networking/serviceentry).
func allocated(entry *istio.ServiceEntry) bool {
	return !slices.ContainsFunc(entry.Spec.GetHosts(), isWildcard) && len(entry.Spec.GetAddresses()) == 0 && entry.Spec.GetResolution() != networking.ServiceEntry_NONE &&
		!strings.EqualFold(entry.Labels[allocateLabel], "false")
}
