package manifests

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/egress"
)

// repair finds out what was meant: where the Service leads, by which ports, and with which rules; false where nothing tells.
func (d *draft) repair(s *set) bool {
	if inCluster(d.host) { // the mesh's own rules apply
		if d.service == nil {
			return false
		}
		d.ports = s.servicePorts(d.service)
		return len(d.entries)+len(d.rules)+len(d.aliasRules)+len(d.routes) == 0 && len(d.ports) > 0
	}
	return d.readEntries() && d.readService(s) && d.readEndpoints() && d.readAddresses() && d.repairRules() && d.guessProtocols()
}

// readEntries reads the ServiceEntries of a host, which Istio joins.
func (d *draft) readEntries() bool {
	for i, entry := range d.entries {
		if i > 0 && (unlike(entry, d.entries[0]) != "" || len(clashes(entry, d.entries[0])) > 0) {
			return false
		}
		for j, port := range entryPorts(nil, entry) {
			if port.number == 0 || port.protocol == "" && entry.Spec.GetPorts()[j].GetProtocol() != "" {
				return false
			}
			if d.port(port.number) == nil {
				d.ports = append(d.ports, port)
			}
		}
		d.addresses = append(d.addresses, slices.DeleteFunc(entry.Spec.GetAddresses(), func(address string) bool { return strings.Contains(address, "/") })...)
		d.exportTo = entry.Spec.GetExportTo()
	}
	return true
}

// port is the port of a number.
func (d *draft) port(number int) *hostPort {
	for i := range d.ports {
		if d.ports[i].number == number {
			return &d.ports[i]
		}
	}
	return nil
}

// readService reads the ports of the Service, and who sees it: as the entries say, if there are any.
func (d *draft) readService(s *set) bool {
	if d.service == nil {
		return true
	}
	if leadsToIP(d.service) {
		d.addresses = []string{egress.NormalHost(d.service.Spec.ExternalName)}
	}
	for _, port := range s.servicePorts(d.service) {
		switch declared := d.port(port.number); {
		case declared != nil:
			declared.name = port.name
		case len(d.entries) > 0:
			return false
		default:
			d.ports = append(d.ports, port)
		}
	}
	seen := strings.FieldsFunc(d.service.Annotations["networking.istio.io/exportTo"], func(c rune) bool { return c == ',' || c == ' ' })
	if len(d.entries) == 0 {
		d.exportTo = seen
	}
	return len(seen) == 0 || slices.Equal(slices.Sorted(slices.Values(seen)), slices.Sorted(slices.Values(d.exportTo)))
}

// readEndpoints follows an entry with endpoints: the Service leads there. Workloads reach them by the local name alone then.
// There must be none that leads elsewhere, and where they called the host, its name must go into a Host header.
func (d *draft) readEndpoints() bool {
	var endpoints []string
	for _, entry := range d.entries {
		for _, endpoint := range entry.Spec.GetEndpoints() {
			endpoints = append(endpoints, endpoint.GetAddress())
		}
	}
	static := len(d.entries) > 0 && d.entries[0].Spec.GetResolution() == networking.ServiceEntry_STATIC
	if len(endpoints) == 0 {
		return !static
	}
	hasBytePort := slices.ContainsFunc(d.ports, func(port hostPort) bool { return port.number == 443 || !port.protocol.IsHTTP() })
	alias := d.service != nil && d.host != ""
	if len(d.entries) > 1 || alias || len(d.routes)+len(d.slices)+len(d.endpoints) > 0 || d.service == nil && (hasBytePort || len(d.addresses) > 0) {
		return false
	}
	d.server, d.host, d.addresses = d.host, "", endpoints
	for _, rule := range d.rules {
		for _, block := range tlsBlocks(rule) {
			d.server = cmp.Or(d.server, block.GetSni())
		}
	}
	if !static {
		d.host, d.addresses = egress.NormalHost(endpoints[0]), nil
	}
	return true
}

// readAddresses reads the ports that are behind a Service in front of addresses. They are connected by their names; one that is
// named wrongly is connected all the same when it is the only one.
func (d *draft) readAddresses() bool {
	if d.host != "" || len(d.addresses) > 0 {
		return true
	}
	behind := egress.NewObjects(nil)
	for _, slice := range d.slices {
		if len(slice.Ports) == 1 && len(d.ports) == 1 {
			slice.Ports[0].Name = &d.ports[0].name
		}
		behind.Add(slice)
	}
	for _, endpoints := range d.endpoints {
		behind.Add(endpoints)
	}
	return !slices.ContainsFunc(d.ports, func(port hostPort) bool { return behind.TargetPort(d.name, port.name) == 0 })
}

// repairRules takes rules for the name of an alias for those of its host, where there is none, and sees to it that there is one
// for each selector.
func (d *draft) repairRules() bool {
	if len(d.rules) == 0 {
		d.rules, d.aliasRules = d.aliasRules, nil
		for i := range d.ports { // never in effect, and meant for the server's port for TLS
			if port := &d.ports[i]; len(d.entries) == 0 && d.host != "" && port.number == 80 && port.target == 80 && d.encrypts(80) {
				port.target = 443
			}
		}
	}
	bySelector := map[string]*istio.DestinationRule{}
	for _, rule := range slices.Concat(d.rules, d.aliasRules) {
		if slices.Contains(d.aliasRules, rule) && !slices.ContainsFunc(tlsBlocks(rule), tlsBlock.originates) {
			continue
		}
		policy := rule.Spec.GetTrafficPolicy()
		key := fmt.Sprint(rule.Spec.GetWorkloadSelector().GetMatchLabels())
		if other := bySelector[key]; other != nil && !proto.Equal(other.Spec.GetTrafficPolicy(), policy) {
			return false
		}
		bySelector[key] = rule
	}
	for _, rule := range d.rules {
		d.repairLevels(rule.Spec.GetTrafficPolicy())
	}
	return len(d.ports) > 0
}

// repairLevels moves settings of a port that were written for the server's to the one that workloads call. Those without TLS did
// not mean to drop it.
func (d *draft) repairLevels(policy *networking.TrafficPolicy) {
	for _, level := range policy.GetPortLevelSettings() {
		number := int(level.GetPort().GetNumber())
		port := d.port(number)
		if i := slices.IndexFunc(d.ports, func(port hostPort) bool { return port.target == number }); port == nil && i >= 0 {
			port = &d.ports[i]
		}
		if port != nil {
			level.Port = &networking.PortSelector{Number: uint32(port.number)}
		}
		if level.GetTls() == nil && (port == nil || !port.protocol.IsTLS()) {
			level.Tls = policy.GetTls()
		}
	}
}

// encrypts tells whether a rule originates TLS for the port.
func (d *draft) encrypts(port int) bool {
	return slices.ContainsFunc(d.rules, func(rule *istio.DestinationRule) bool { return tlsOfPort(rule, port).originates() })
}

// guessProtocols completes protocols by the numbers of ports; not so for what is encrypted on the way.
func (d *draft) guessProtocols() bool {
	usual := map[int]egress.Protocol{80: "HTTP", 8080: "HTTP", 443: "HTTPS", 8443: "HTTPS"}
	for i, port := range d.ports {
		if port.protocol == "" && d.encrypts(port.number) {
			return false
		}
		d.ports[i].protocol = cmp.Or(port.protocol, usual[port.number], "TCP")
	}
	return true
}
