package manifests

import (
	"cmp"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/egress"
)

// model reads the objects, and completes what they say of TLS and of requests. There is none where they say something that would
// be lost, or ask for TLS on no port: nobody who asked for it is offered plaintext.
func (d *draft) model(domain string) (*egress.Model, bool) {
	objects := egress.NewObjects(d.objects())
	objects.Domain = domain
	model := egress.FromObjects(objects)
	if len(model.Services) != 1 {
		return nil, false
	}
	service := model.Services[0]
	if service.InCluster {
		return model, true
	}
	lost := len(service.Unsaid())
	for _, destination := range model.Destinations {
		lost += len(destination.Unsaid())
	}
	used := map[*networking.ClientTLSSettings]bool{}
	for _, port := range service.Ports {
		if lost > 0 || port.To == nil || !d.complete(port, used) {
			return nil, false
		}
	}
	for _, rule := range d.rules {
		for _, block := range tlsBlocks(rule) {
			if block.originates() && !used[block.ClientTLSSettings] {
				return nil, false
			}
		}
	}
	for _, route := range d.routes {
		if !slices.Contains(service.Objects, kruntime.Object(route)) {
			return nil, false
		}
	}
	return model, true
}

// objects writes the Service anew, with what it leads to, and the rules for that.
func (d *draft) objects() []kruntime.Object {
	service, entry, slice := &corev1.Service{}, &istio.ServiceEntry{}, &discoveryv1.EndpointSlice{}
	for _, port := range d.ports {
		local, target := corev1.ServicePort{Name: port.name, Port: int32(port.number)}, int32(port.target)
		if protocol := strings.ToLower(string(port.protocol)); egress.ProtocolNamed(port.name) == "" && egress.ServiceProtocol(port.name, "", port.number) != port.protocol { // else the name tells, or the number
			local.AppProtocol = &protocol
		}
		service.Spec.Ports = append(service.Spec.Ports, local)
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &local.Name, Port: &target})
		entry.Spec.Ports = append(entry.Spec.Ports, &networking.ServicePort{Number: uint32(port.number), TargetPort: uint32(target), Protocol: string(port.protocol)})
	}
	service.Name, service.Namespace, entry.Namespace, slice.Namespace = d.name.Name, d.name.Namespace, d.name.Namespace, d.name.Namespace
	all := []kruntime.Object{service}
	for _, rule := range d.rules {
		rule.Spec.Host = cmp.Or(d.host, d.name.Name)
		all = append(all, rule)
	}
	if d.host != "" {
		service.Spec.Type, service.Spec.ExternalName = corev1.ServiceTypeExternalName, d.host
		entry.Spec.Hosts, entry.Spec.Addresses, entry.Spec.ExportTo, entry.Spec.Resolution = []string{d.host}, d.addresses, d.exportTo, networking.ServiceEntry_DNS
		all = append(all, entry)
	} else {
		service.Annotations = map[string]string{"networking.istio.io/exportTo": strings.Join(d.exportTo, ",")}
		if len(d.addresses) > 0 {
			slice.Labels, slice.Endpoints = map[string]string{discoveryv1.LabelServiceName: d.name.Name}, []discoveryv1.Endpoint{{Addresses: d.addresses}}
			all = append(all, slice)
		}
	}
	for _, slice := range d.slices {
		all = append(all, slice)
	}
	for _, endpoints := range d.endpoints {
		all = append(all, endpoints)
	}
	for _, route := range d.routes {
		all = append(all, route)
	}
	return all
}

// complete puts a port right: requests leave port 443, tell nothing about the mesh and name the server. It collects the settings
// that it comes by.
func (d *draft) complete(port *egress.Port, used map[*networking.ClientTLSSettings]bool) bool {
	meant := d.port(port.Number).protocol
	if meant.IsHTTP() && !port.To.Protocol.IsHTTP() {
		return false // a route leads requests to a port that is for something else
	}
	name := cmp.Or(port.Host, d.server, d.host)
	rule, ok := completeTLS(port.To, name, used)
	if !ok {
		return false
	}
	if rule.TLS == nil && meant.IsHTTP() && port.TargetPort == 443 { // plaintext to a port for TLS
		rule.TLS = &egress.TLS{Settings: verifying(nil, name)}
	}
	if everybody := &port.To.Rules[0]; rule.TLS != nil && everybody.TLS == nil {
		settings := rule.TLS.Settings
		everybody.TLS = &egress.TLS{Settings: &networking.ClientTLSSettings{
			Mode: networking.ClientTLSSettings_SIMPLE, Sni: settings.GetSni(), SubjectAltNames: settings.GetSubjectAltNames(),
		}}
		everybody.Policy = rule.Policy
	}
	switch {
	case !port.Protocol.IsHTTP() || port.Number != 443 || d.host == "":
	case rule.TLS != nil:
		port.Number, port.To.Number = 80, 80
	default:
		port.Protocol, port.To.Protocol = "HTTPS", "HTTPS"
	}
	if port.Protocol.IsHTTP() {
		completeRequests(port, cmp.Or(name, rule.TLS.GetSettings().GetSni()), rule.TLS != nil || d.service == nil)
	}
	return true
}

// completeTLS puts the TLS of a port right: what the workload encrypts is not encrypted again, and a server is named. It returns
// the last rule that originates TLS; not where that does not work, and only its author knows what would.
func completeTLS(to *egress.DestinationPort, name string, used map[*networking.ClientTLSSettings]bool) (last egress.Rule, ok bool) {
	for i := range to.Rules {
		tls := to.Rules[i].TLS.GetSettings()
		if !originates(tls) {
			continue
		}
		used[tls] = true
		verified := verifying(tls, name)
		switch {
		case egress.StartsTLS(to.Protocol, to.TargetPort) != "", to.TargetPort == 80, verified.GetSni() == "":
			return last, false
		case !to.Protocol.IsTLS():
			to.Rules[i].TLS = &egress.TLS{Settings: verified}
			last = to.Rules[i]
		case tls.GetMode() == networking.ClientTLSSettings_SIMPLE && tls.GetCredentialName() == "":
			to.Rules[i].TLS = nil
		default: // a certificate is not dropped
			return last, false
		}
	}
	return last, true
}

// verifying returns settings that ask for a name and verify it, the server's own where they name none.
func verifying(from *networking.ClientTLSSettings, server string) *networking.ClientTLSSettings {
	tls := &networking.ClientTLSSettings{}
	if from != nil {
		tls = proto.CloneOf(from)
	}
	tls.InsecureSkipVerify = nil
	if tls.Sni == "" {
		tls.Sni = server
	}
	if tls.Sni == "" && len(tls.SubjectAltNames) > 0 {
		tls.Sni = tls.SubjectAltNames[0]
	}
	if len(tls.SubjectAltNames) == 0 {
		tls.SubjectAltNames = []string{tls.Sni}
	}
	return tls
}

// completeRequests takes off the headers that tell about the mesh, and writes the server's name into Host where it was the
// workload's or goes with the TLS.
func completeRequests(port *egress.Port, name string, rename bool) {
	if port.Route == nil {
		port.Route = &networking.HTTPRoute{}
	}
	if port.Route.Headers == nil {
		port.Route.Headers = &networking.Headers{Request: &networking.Headers_HeaderOperations{Remove: egress.MeshHeaders}}
	}
	if rename {
		port.Host = cmp.Or(port.Host, name)
	}
}
