package egress

import (
	"cmp"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// FromObjects returns what objects declare for the workloads of their own namespaces: a namespace's own declarations of a
// host come before those of others. What the model cannot hold is told by [Objects.Unsaid].
func FromObjects(o *Objects) *Model {
	r := &objectReader{objects: o, destinations: map[string]*Destination{}, inFront: map[string]bool{}}
	services := slices.SortedFunc(slices.Values(o.Services), func(a, b *corev1.Service) int { return compareNames(NameOf(a), NameOf(b)) })
	for _, service := range services {
		r.readService(service)
	}
	for _, entry := range o.ServiceEntries {
		for _, host := range entry.Spec.GetHosts() {
			r.readUncalled(entry, host)
		}
	}
	for _, key := range sortedKeys(r.destinations) {
		r.model.Destinations = append(r.model.Destinations, r.destinations[key])
	}
	r.model.DataPlane = dataPlaneOf(&r.model)
	return &r.model
}

// readUncalled reads a host that no Service of its namespace leads to.
func (r *objectReader) readUncalled(entry *istio.ServiceEntry, host string) {
	namespace := NameOf(entry).Namespace
	if _, inCluster := ServiceName(host, namespace); inCluster || r.destinations[namespace+"/"+host] != nil || r.inFront[host] {
		return
	}
	d := r.destination(&Service{Kind: ExternalHost, Namespace: namespace, ExternalName: host}, host)
	if d.Server == host { // not at addresses, nor another host's
		d.Kind = ExternalHost
		d.Entry, d.Labels, d.Annotations = entryName(entry.Name), OwnMetadata(entry.Labels), OwnMetadata(entry.Annotations)
	}
}

// entryName is the name of the entry that lists the hosts of a ServiceEntry, as the chart names them.
func entryName(object string) string {
	for _, kind := range []string{".hosts", ".wildcards"} {
		if strings.HasSuffix(object, kind) {
			name, _, _ := strings.Cut(object, ".")
			return name
		}
	}
	return object
}

// IsWildcard tells whether the host stands for all names below a domain.
func (d *Destination) IsWildcard() bool { return strings.HasPrefix(d.Host, "*.") }

func compareNames(a, b types.NamespacedName) int {
	return cmp.Or(strings.Compare(a.Namespace, b.Namespace), strings.Compare(a.Name, b.Name))
}

type objectReader struct {
	objects      *Objects
	model        Model
	destinations map[string]*Destination // by namespace/host
	inFront      map[string]bool         // hosts in front of gateways, which are in the mesh
}

// readService reads a Service that leads out of the mesh: an alias, or a Service that selects no pods.
func (r *objectReader) readService(from *corev1.Service) {
	name := NameOf(from)
	if !IsAlias(from) && len(from.Spec.Selector) > 0 {
		return
	}
	service := &Service{
		Kind: EndpointService, Form: FormOpen, Name: name.Name, Namespace: name.Namespace, Host: r.objects.FullName(name),
		Labels: OwnMetadata(from.Labels), Annotations: OwnMetadata(from.Annotations),
		Visibility: visibleIn(strings.FieldsFunc(from.Annotations[exportToAnnotation], func(c rune) bool { return c == ',' || c == ' ' }), name.Namespace),
	}
	host := service.Host
	if IsAlias(from) {
		service.Kind, service.ExternalName = ExternalNameService, NormalHost(from.Spec.ExternalName)
		host = service.ExternalName
		_, service.InCluster = ServiceName(host, "")
	}
	if service.Waypoint = waypointOf(from); service.Waypoint != "" {
		service.AllowFrom = r.allowedAtWaypoint(from)
	}
	service.Objects = []runtime.Object{from}
	for _, p := range from.Spec.Ports {
		port := &Port{
			Name: p.Name, AppProtocol: value(p.AppProtocol), Number: int(p.Port), Service: service,
			Protocol: ServiceProtocol(p.Name, value(p.AppProtocol), int(p.Port)),
		}
		service.Ports = append(service.Ports, port)
		if !service.InCluster {
			r.follow(port, host, IsAlias(from))
		}
	}
	r.model.Services = append(r.model.Services, service)
}

// follow finds where calls of a port go: where a route sends them, else to the same port of the host.
func (r *objectReader) follow(port *Port, host string, alias bool) {
	service := port.Service
	number := port.Number
	route, found := r.routeOf(port, host)
	if found {
		service.addObject(route.from)
		route = r.pastGateway(port, route)
		port.Host, port.Route = route.authority, route.requests
		if route.host != "" {
			host, number = route.host, cmp.Or(route.port, number)
		}
		host = r.objects.FullHost(host, service.Namespace)
		port.lacksSubset = route.subset != "" && !r.hasSubset(host, service.Namespace, route.subset)
	}
	destination := r.destination(service, host)
	for _, to := range destination.Ports {
		if to.Number == number {
			port.To = to
		}
	}
	if port.To == nil && len(r.objects.Entries(host, service.Namespace)) == 0 {
		port.To = r.addPort(destination, port, number)
	}
	if port.To == nil {
		return
	}
	if host != service.Host { // what the Service says of protocols is not looked at
		port.Protocol = port.To.Protocol
	}
	port.TargetPort = port.To.TargetPort
	port.HasTargetPort = port.TargetPort != port.Number
	if !slices.Contains(destination.Services, service) {
		destination.Services = append(destination.Services, service)
	}
	if service.Through != "" { // the gateway sees the exit, for those who see the service
		destination.showOthers(service.Through)
		destination.Visibility = service.Visibility
	}
	if !alias && host != service.Host && !r.objects.hasEndpoints(types.NamespacedName{Namespace: service.Namespace, Name: service.Name}) {
		service.behindExit(destination)
	}
}

// hasSubset tells whether a rule of the host has the subset: a route to one that there is not has no cluster.
func (r *objectReader) hasSubset(host, namespace, name string) bool {
	return slices.ContainsFunc(r.objects.RulesFor(host, namespace), func(rule *istio.DestinationRule) bool {
		return slices.ContainsFunc(rule.Spec.GetSubsets(), func(s *networking.Subset) bool { return s.GetName() == name })
	})
}

// showOthers keeps who sees an exit behind a gateway besides the gateway: they can call it by its own name, past the gateway.
func (d *Destination) showOthers(through string) {
	if d.behindGateway {
		return
	}
	d.behindGateway = true
	gateway, _, _ := strings.Cut(through, "/")
	if seen := without(d.namespaces(), []string{gateway}); len(seen) > 0 {
		d.others = &Visibility{ExportTo: seen}
	}
}

func (s *Service) addObject(object runtime.Object) {
	if !slices.Contains(s.Objects, object) {
		s.Objects = append(s.Objects, object)
	}
}

// behindExit says of a closed service what its exit leads to.
func (s *Service) behindExit(exit *Destination) {
	s.Form, s.Kind, s.ExternalName = FormClosed, exit.Kind, exit.Server
	if s.Kind == EndpointService {
		s.EndpointsKind = "ServiceEntry"
	}
}

// addPort adds a port that no ServiceEntry declares: of a Service in front of endpoints, or of an alias for an undeclared
// host.
func (r *objectReader) addPort(destination *Destination, port *Port, number int) *DestinationPort {
	to := &DestinationPort{Destination: destination, Number: number, TargetPort: number, Protocol: port.Protocol}
	if target := r.objects.TargetPort(types.NamespacedName{Namespace: port.Service.Namespace, Name: port.Service.Name}, port.Name); target != 0 {
		to.TargetPort = target
	}
	r.addRules(to)
	destination.Ports = append(destination.Ports, to)
	slices.SortFunc(destination.Ports, func(a, b *DestinationPort) int { return a.Number - b.Number })
	return to
}

// destination returns the destination of a host, as the service's namespace knows it.
func (r *objectReader) destination(service *Service, host string) *Destination {
	entries := OwnFirst(r.objects.Entries(host, service.Namespace), service.Namespace)
	namespace := service.Namespace
	if len(entries) > 0 {
		namespace = NameOf(entries[0]).Namespace
	}
	key := namespace + "/" + host
	if known := r.destinations[key]; known != nil {
		return known
	}
	d := &Destination{Kind: service.Kind, Namespace: namespace, Host: host, Visibility: service.Visibility}
	r.destinations[key] = d
	if host == service.Host {
		r.readSlices(d, service)
	} else {
		d.Server = host // also where nothing declares it
	}
	for _, entry := range entries {
		d.Objects = append(d.Objects, entry)
		r.readEntry(d, entry, host == service.Host)
	}
	for _, rule := range r.rulesOf(d) {
		d.Objects = append(d.Objects, rule)
		d.WithoutSidecars = d.WithoutSidecars || keepsSidecarsOut(rule)
	}
	if host == service.Host && len(entries) > 0 {
		service.EndpointsKind = "ServiceEntry"
	}
	if len(d.Addresses) > 0 {
		d.FirstAddress = d.Addresses[0]
	}
	slices.Sort(d.Addresses)
	d.Addresses = slices.Compact(d.Addresses)
	slices.SortFunc(d.Ports, func(a, b *DestinationPort) int { return a.Number - b.Number })
	return d
}

// readEntry adds what a ServiceEntry says of a destination. The entry of a Service's own name holds its endpoints alone.
func (r *objectReader) readEntry(d *Destination, entry *istio.ServiceEntry, ofService bool) {
	if !ofService && len(d.Ports) == 0 {
		d.Visibility = visibleIn(entry.Spec.GetExportTo(), NameOf(entry).Namespace)
	}
	readEndpoints(d, entry)
	for _, p := range entry.Spec.GetPorts() {
		number := int(p.GetNumber())
		if slices.ContainsFunc(d.Ports, func(other *DestinationPort) bool { return other.Number == number }) {
			continue // the oldest entry's settings count
		}
		to := &DestinationPort{
			Destination: d, Number: number, TargetPort: EntryTarget(entry, p),
			Protocol: cmp.Or(ProtocolNamed(p.GetProtocol()), ServiceProtocol(p.GetName(), "", number)),
		}
		if named := ProtocolNamed(p.GetName()); to.Protocol == "TCP" && !named.IsHTTP() && named != "" && isExit(d.Host) {
			to.Protocol = named // exits pass bytes on, and their ports are named by what the bytes are
		}
		r.addRules(to)
		d.Ports = append(d.Ports, to)
	}
}

// isExit tells whether a host is the exit of a closed service, as the chart names them.
func isExit(host string) bool { return strings.HasSuffix(host, ".egress.internal") }

// readEndpoints tells where an entry leads: to its host, to another, or to addresses.
func readEndpoints(d *Destination, entry *istio.ServiceEntry) {
	d.Kind, d.Server = ExternalNameService, d.Host
	if entry.Spec.GetResolution() == networking.ServiceEntry_STATIC {
		d.Kind, d.Server = EndpointService, ""
	}
	endpoints := entry.Spec.GetEndpoints()
	if d.Kind == ExternalNameService && len(endpoints) == 0 {
		for _, address := range entry.Spec.GetAddresses() {
			if !strings.Contains(address, "/") {
				d.Addresses = append(d.Addresses, address)
			}
		}
	}
	for _, endpoint := range endpoints {
		if d.Kind == EndpointService {
			d.Addresses = append(d.Addresses, endpoint.GetAddress())
			continue
		}
		d.Server = NormalHost(endpoint.GetAddress())
	}
}

// EntryTarget is the port of the server behind a port of an entry.
func EntryTarget(entry *istio.ServiceEntry, port *networking.ServicePort) int {
	target := cmp.Or(int(port.GetTargetPort()), int(port.GetNumber()))
	for _, endpoint := range entry.Spec.GetEndpoints() {
		if named := endpoint.GetPorts()[port.GetName()]; named != 0 {
			target = int(named)
		}
	}
	return target
}

func (r *objectReader) rulesOf(d *Destination) []*istio.DestinationRule {
	return OwnFirst(r.objects.RulesFor(d.Host, d.Namespace), d.Namespace)
}

// addRules adds the rules that count for a port: the one without selector, and one for each selector.
func (r *objectReader) addRules(to *DestinationPort) {
	general := Rule{}
	var selected []Rule
	known := map[string]bool{}
	for _, from := range r.rulesOf(to.Destination) {
		if keepsSidecarsOut(from) {
			continue
		}
		selector := selectorOf(from)
		key := labelText(selector)
		if known[key] {
			continue // the oldest rule counts
		}
		known[key] = true
		rule := ruleOf(from, to.Number)
		if len(selector) == 0 {
			general = rule
			continue
		}
		rule.Selector = selector
		selected = append(selected, rule)
	}
	slices.SortFunc(selected, func(a, b Rule) int { return strings.Compare(labelText(a.Selector), labelText(b.Selector)) })
	to.Rules = append([]Rule{general}, selected...)
}

// ruleOf returns what counts for a port: its own settings replace those above, which it does not inherit.
func ruleOf(from *istio.DestinationRule, number int) Rule {
	policy := from.Spec.GetTrafficPolicy()
	tls, pool := policy.GetTls(), policy.GetConnectionPool()
	balancer, outliers := policy.GetLoadBalancer(), policy.GetOutlierDetection()
	for _, level := range policy.GetPortLevelSettings() {
		if int(level.GetPort().GetNumber()) == number {
			tls, pool = level.GetTls(), level.GetConnectionPool()
			balancer, outliers = level.GetLoadBalancer(), level.GetOutlierDetection()
		}
	}
	var rule Rule
	if tls != nil {
		rule.TLS = &TLS{Settings: tls}
	}
	if pool != nil || balancer != nil || outliers != nil {
		rule.Policy = &networking.TrafficPolicy{ConnectionPool: pool, LoadBalancer: balancer, OutlierDetection: outliers}
	}
	return rule
}
