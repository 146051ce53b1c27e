package manifests

import (
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/lint/protocol"
)

// destination is a server as the manifests tell of it. There is none where they say something that values cannot say: an
// entry that leaves out a selector, a certificate or an endpoint is worse than no entry.
type destination struct {
	namespace, name string // of the local Service
	note            string // for the reader, beside the name
	externalName    string // empty for endpoints
	serverName      string // when it is not the external name
	addresses       []string
	exportTo        []string
	ports           []hostPort
	rules           []object // the one without selector first; each for a set of workloads
	ignored         bool     // the rules are for an alias, so Istio does not follow them yet
}

// externalDestination returns the destination of an external host, of the alias that leads to it if there is one.
func (s *set) externalDestination(namespace string, alias object, host string) (destination, bool) {
	to := destination{namespace: namespace, name: nameOf(host), externalName: host}
	if alias.name != "" {
		to.namespace, to.name = alias.namespace, alias.name
	}
	entries, known := ownOnly(s.entriesOf(host), to.namespace)
	if !known || alias.unreadable || alias.name != "" && !plainService(alias) || s.coveredByWildcard(host) ||
		!to.takeRules(s, alias, host, len(entries) > 0) || !to.takeRoutes(s, host) || s.nameTaken(&to, alias) {
		return to, false
	}
	if len(entries) == 0 {
		to.ports = servicePorts(alias)
		return to, len(to.ports) > 0 && (!inCluster(host) || len(to.rules) == 0 && to.serverName == "")
	}
	return to, !inCluster(host) && to.takeEntries(entries, alias.name != "")
}

// endpointDestination returns the destination of a Service without selector, or of one whose external name is an IP.
func (s *set) endpointDestination(service object) (destination, bool) {
	to := destination{namespace: service.namespace, name: service.name, ports: servicePorts(service)}
	host := serviceHost(service.namespace, service.name)
	if service.unreadable || !plainService(service) || len(to.ports) == 0 || len(s.entries[host]) > 0 || s.coveredByWildcard(host) {
		return to, false
	}
	if leadsToIP(service) {
		to.addresses = []string{normalHost(text(service.spec(), "externalName"))}
	} else if !to.takeEndpoints(s.slices[service.namespace+"/"+service.name]) {
		return to, false
	}
	return to, to.takeRules(s, object{}, host, false) && to.takeRoutes(s, host) && len(to.rules) < 2
}

// nameTaken tells whether an entry would be named like another Service.
func (s *set) nameTaken(to *destination, alias object) bool {
	for i := range max(1, len(to.rules)) {
		if service, taken := s.services[to.namespace+"/"+to.nameOfRule(i)]; taken && service.name != alias.name {
			return true
		}
	}
	return false
}

func ownOnly(objects []object, namespace string) ([]object, bool) {
	own := ownFirst(objects, namespace)
	return own, len(own) == 0 || own[0].namespace == namespace
}

// coveredByWildcard tells whether something for other hosts too counts for this one: an entry or a rule where it has none
// of its own for everybody, or a route.
func (s *set) coveredByWildcard(host string) bool {
	for pattern := range s.patterns {
		if !strings.HasSuffix(host, strings.TrimPrefix(pattern, "*")) {
			continue
		}
		if len(s.routes[pattern]) > 0 || len(s.entries[pattern]) > 0 && len(s.entries[host]) == 0 ||
			len(s.rules[pattern]) > 0 && !slices.ContainsFunc(s.rules[host], func(rule object) bool { return !hasSelector(rule) }) {
			return true
		}
	}
	return strings.HasPrefix(host, "*")
}

// onlyFields tells whether nothing else is set.
func onlyFields(fields map[string]any, names ...string) bool {
	for name := range fields {
		if has(fields, name) && !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

func plainService(service object) bool {
	spec := service.spec()
	kind := text(spec, "type")
	for _, port := range children(spec, "ports") {
		if has(port, "protocol") && text(port, "protocol") != "TCP" {
			return false
		}
	}
	return len(child(spec, "selector")) == 0 && (kind == "" || kind == "ClusterIP" || kind == "ExternalName") && text(spec, "clusterIP") != "None" &&
		!has(child(child(service.fields, "metadata"), "annotations"), "networking.istio.io/exportTo")
}

// takeEntries takes over what the ServiceEntries of the host say.
func (d *destination) takeEntries(entries []object, aliased bool) bool {
	for i, entry := range entries {
		spec := entry.spec()
		exportTo := texts(spec, "exportTo")
		if !plainEntry(entry) || len(entries) > 1 && (has(spec, "endpoints") || text(spec, "resolution") != "DNS") ||
			i > 0 && !sameTexts(exportTo, texts(entries[0].spec(), "exportTo")) {
			return false
		}
		for _, address := range texts(spec, "addresses") {
			if !strings.Contains(address, "/") {
				d.addresses = append(d.addresses, address)
			}
		}
		if !d.takePorts(entryPorts(entry)) {
			return false
		}
		if i == 0 && !d.takeVisibility(exportTo) {
			return false
		}
	}
	d.addresses = unique(d.addresses)
	return len(d.ports) > 0 && d.takeServers(entries[0], aliased)
}

func plainEntry(entry object) bool {
	spec := entry.spec()
	location, hosts := text(spec, "location"), texts(spec, "hosts")
	for _, port := range children(spec, "ports") {
		if has(port, "protocol") && protocol.Parse(text(port, "protocol")) == "" {
			return false
		}
	}
	return !entry.unreadable && len(hosts) == 1 && (location == "" || location == "MESH_EXTERNAL") &&
		onlyFields(spec, "hosts", "addresses", "ports", "location", "resolution", "endpoints", "exportTo")
}

func (d *destination) takePorts(ports []hostPort) bool {
	for _, port := range ports {
		i := slices.IndexFunc(d.ports, func(other hostPort) bool { return other.number == port.number })
		switch {
		case port.number == 0, i >= 0 && (d.ports[i].target != port.target || d.ports[i].protocol != port.protocol):
			return false
		case i < 0:
			d.ports = append(d.ports, port)
		}
	}
	return true
}

// takeVisibility takes the entry's exportTo. A rule that fewer see leaves others without its TLS, which values cannot say.
func (d *destination) takeVisibility(exportTo []string) bool {
	ofRule := d.exportTo
	d.exportTo = exportTo
	return len(ofRule) == 0 || slices.Contains(ofRule, "*") || sameTexts(ofRule, exportTo)
}

func sameTexts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// takeServers takes over where the entry leads: to its host, to another, or to fixed addresses. In the last cases workloads
// reach it by the local name only, so that there must be none yet that leads elsewhere, and the sidecar must read the Host
// header to set it right.
func (d *destination) takeServers(entry object, aliased bool) bool {
	spec := entry.spec()
	resolution, endpoints := text(spec, "resolution"), children(spec, "endpoints")
	if resolution == "DNS" && len(endpoints) == 0 {
		return true
	}
	host := d.externalName
	if aliased || has(spec, "addresses") || d.serverName != "" || len(endpoints) == 0 || slices.ContainsFunc(d.ports, func(port hostPort) bool {
		return !protocol.IsHTTP(port.protocol) || port.number == 443
	}) {
		return false
	}
	var addresses []string
	ips := 0
	for _, endpoint := range endpoints {
		if !onlyFields(endpoint, "address", "ports") || !reflect.DeepEqual(endpoint["ports"], endpoints[0]["ports"]) {
			return false
		}
		address := text(endpoint, "address")
		if _, err := netip.ParseAddr(address); err == nil {
			ips++
		}
		addresses = append(addresses, address)
	}
	switch {
	case resolution == "STATIC" && ips == len(endpoints) && (len(d.exportTo) == 0 || slices.Contains(d.exportTo, "*")): // all see Services
		d.externalName, d.addresses = "", unique(addresses)
	case resolution == "DNS" && len(endpoints) == 1 && ips == 0:
		d.externalName = addresses[0]
	default:
		return false
	}
	for i, port := range d.ports {
		if target := number(child(endpoints[0], "ports"), port.name); target != 0 {
			d.ports[i].target = target
		}
	}
	d.serverName = host
	d.note = "workloads call this name in place of " + host
	return true
}

// takeEndpoints takes over the addresses of slices and Endpoints, which must all have the same ports.
func (d *destination) takeEndpoints(all []object) bool {
	var ports map[string]int
	for _, one := range all {
		sets, ready := endpointSets(one)
		if !ready || one.unreadable {
			return false
		}
		for _, set := range sets {
			if ports != nil && !maps.Equal(ports, set.ports) {
				return false
			}
			ports = set.ports
			d.addresses = append(d.addresses, set.addresses...)
		}
	}
	d.addresses = unique(d.addresses)
	return len(d.addresses) > 0 && d.takeTargets(ports)
}

// endpointSet is a slice, or a subset of Endpoints.
type endpointSet struct {
	addresses []string
	ports     map[string]int // numbers by name
}

// endpointSets returns the sets of an object; not so when some endpoints are not ready.
func endpointSets(one object) (sets []endpointSet, ready bool) {
	if one.kind == kindEndpointSlice {
		set := endpointSet{ports: portNumbersOf(one.fields)}
		for _, endpoint := range children(one.fields, "endpoints") {
			if child(endpoint, "conditions")["ready"] == false {
				return nil, false
			}
			set.addresses = append(set.addresses, texts(endpoint, "addresses")...)
		}
		return []endpointSet{set}, true
	}
	for _, subset := range children(one.fields, "subsets") {
		if has(subset, "notReadyAddresses") {
			return nil, false
		}
		set := endpointSet{ports: portNumbersOf(subset)}
		for _, address := range children(subset, "addresses") {
			set.addresses = append(set.addresses, text(address, "ip"))
		}
		sets = append(sets, set)
	}
	return sets, true
}

func portNumbersOf(fields map[string]any) map[string]int {
	numbers := map[string]int{}
	for _, port := range children(fields, "ports") {
		numbers[text(port, "name")] = number(port, "port")
	}
	return numbers
}

// takeTargets sets the ports on which the endpoints listen. Ports are connected by their names; one that is named wrongly
// is connected all the same when it is the only one.
func (d *destination) takeTargets(numbers map[string]int) bool {
	for i, port := range d.ports {
		target, named := numbers[port.name]
		if !named && len(numbers) == 1 && len(d.ports) == 1 {
			for _, target = range numbers {
				named = true
			}
		}
		if !named || target == 0 {
			return false
		}
		d.ports[i].target = target
	}
	return true
}

// takeRoutes takes the Host header that VirtualServices of the host or its alias write. They may do nothing else.
func (d *destination) takeRoutes(s *set, host string) bool {
	for _, name := range unique([]string{host, serviceHost(d.namespace, d.name)}) {
		for _, route := range s.routes[name] {
			if route.unreadable || !onlyFields(route.spec(), "hosts", "exportTo", "http") {
				return false
			}
			for _, rule := range children(route.spec(), "http") {
				if !d.plainRoute(rule, route.namespace, host) || !d.takeAuthority(text(child(rule, "rewrite"), "authority")) {
					return false
				}
			}
		}
	}
	return !s.throughGateway(host)
}

func (d *destination) takeAuthority(authority string) bool {
	if authority == "" || authority == d.externalName {
		return true
	}
	other := d.serverName
	d.serverName = authority
	return other == "" || other == authority
}

func (d *destination) plainRoute(rule map[string]any, namespace, host string) bool {
	destinations := children(rule, "route")
	if !onlyFields(rule, "name", "match", "rewrite", "route") || !onlyFields(child(rule, "rewrite"), "authority") || len(destinations) != 1 {
		return false
	}
	to := child(destinations[0], "destination")
	port := number(child(to, "port"), "number")
	for _, match := range children(rule, "match") {
		if !onlyFields(match, "port") || port != 0 && number(match, "port") != port {
			return false
		}
	}
	led := fullHost(text(to, "host"), namespace)
	return onlyFields(to, "host", "port") && (port == 0 || len(children(rule, "match")) > 0) && (led == host || led == serviceHost(d.namespace, d.name))
}
