package manifests

import (
	"fmt"
	"slices"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
)

// checkAliasDNSCapture reports aliases that sidecars which capture DNS do not recognise: they know the host of the ServiceEntry
// by an address of its own, and the alias leads to the real one. HTTP is recognised by its Host header.
func checkAliasDNSCapture(s *set) []finding {
	var findings []finding
	if !s.dnsCapture {
		return nil
	}
	for o, service := range judged(s, s.Services) {
		if !egress.IsAlias(service) {
			continue
		}
		host := egress.NormalHost(service.Spec.ExternalName)
		for _, entry := range egress.OwnFirst(s.Entries(host, o.name.Namespace), o.name.Namespace) {
			if allocated(entry) {
				findings = append(findings, s.notRecognised(o, service, entry, host)...)
			}
		}
	}
	return findings
}

// notRecognised reports the ports of an alias that sidecars tell by the address of an entry.
func (s *set) notRecognised(o *object, service *corev1.Service, entry *istio.ServiceEntry, host string) []finding {
	var findings []finding
	for _, port := range entryPorts(s.objectOf(entry), entry) {
		i := slices.IndexFunc(s.servicePorts(service), func(local hostPort) bool { return local.number == port.number })
		if i < 0 || !port.protocol.IsTLS() && !port.protocol.IsTCP() {
			continue
		}
		advice := "give it spec.addresses with the server's IPs"
		if port.protocol.IsTLS() {
			advice = fmt.Sprintf("give it the label %s: \"false\"", allocateLabel)
		}
		findings = append(findings, o.finding("manifest-alias-dns-capture", lint.Error, fmt.Sprintf("spec.ports[%d]", i),
			"with DNS capture, sidecars know %s by an address of its own, to which the alias does not resolve: calls to port %d pass %s by; %s", host, port.number, port.owner, advice).
			relatedTo(port.owner, port.path))
	}
	return findings
}
