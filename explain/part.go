package explain

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	networkingapi "istio.io/api/networking/v1alpha3"
	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	kubeconfig "istio.io/istio/pkg/config/kube"
	"istio.io/istio/pkg/config/protocol"
	corev1 "k8s.io/api/core/v1"
)

// LoadFor is [Load] with those objects alone that can matter for the calls: what is about their names, what listens on their
// addresses and ports, and what is for all calls. The traces are the same.
func LoadFor(objects []Object, o Options, calls ...Call) (*Mesh, error) {
	ix, o, err := prepare(objects, o)
	if err != nil {
		return nil, err
	}
	part, err := ix.part(o, calls)
	if err != nil {
		return nil, err
	}
	m, err := load(part, o, calls...)
	if err == nil {
		m.whole = ix
	}
	return m, err
}

// selection gathers what can matter for calls.
type selection struct {
	*index
	*listening
	options Options
	kept    map[*item]bool
	closed  map[*item]bool  // kept, and all that its names lead to
	seen    map[string]bool // names
	ports   map[portKey]bool
}

// portKey is what callers of a namespace see of a port.
type portKey struct {
	namespace string
	port      int
}

// part returns the items that can matter for calls.
func (ix *index) part(o Options, calls []Call) (*index, error) {
	s := &selection{
		index: ix, listening: ix.listening(), options: o,
		kept: map[*item]bool{}, closed: map[*item]bool{}, seen: map[string]bool{}, ports: map[portKey]bool{},
	}
	for _, it := range s.forAll {
		s.kept[it] = true
		if service := s.services[serviceHost(it.name, it.namespace, s.domain)]; it.kind == kindWaypoint && service != nil {
			s.keep(service)
		}
	}
	for _, call := range calls {
		r, err := call.parse()
		if err != nil {
			return nil, err
		}
		s.keepFor(call, r)
	}
	kept := slices.DeleteFunc(slices.Clone(ix.items), func(it *item) bool { return !s.kept[it] })
	return newIndex(kept, ix.domain), nil
}

func (s *selection) keepFor(call Call, r *request) {
	resolver := resolver{index: s.index, namespace: call.From.namespace(), ipv6: isIPv6(call.From.ips())}
	for _, name := range r.names() {
		a := resolver.resolve(name)
		for _, alias := range a.aliases {
			s.keepNamed(alias.hosts[0])
		}
		s.keepNamed(name)
		s.keepNamed(a.name)
		s.keepAddress(a.address)
	}
	if r.address.IsValid() {
		s.keepAddress(r.address)
	}
	s.keepPort(portKey{call.From.namespace(), r.port})
}

// keep keeps an item, and what its names lead to.
func (s *selection) keep(it *item) {
	if s.closed[it] {
		return
	}
	s.kept[it], s.closed[it] = true, true
	for _, host := range it.hosts {
		if !strings.HasPrefix(host, "*") {
			s.keepNamed(host)
		}
	}
	switch object := it.value.(type) {
	case *corev1.Service:
		s.keepService(it, object)
	case *networkingv1.ServiceEntry:
		if object.Spec.GetWorkloadSelector() != nil {
			s.keepWorkloads(it.namespace)
		}
		for _, endpoint := range object.Spec.GetEndpoints() {
			if name := strings.ToLower(endpoint.GetAddress()); s.services[name] != nil { // such as a gateway's
				s.keepNamed(name)
			}
		}
	case *networkingv1.VirtualService:
		s.keepDestinations(it, &object.Spec)
	}
}

func (s *selection) keepService(it *item, service *corev1.Service) {
	for _, slice := range s.slicesOf(it.hosts[0]) {
		s.kept[slice] = true
	}
	if service.Spec.ExternalName != "" {
		s.keepNamed(strings.ToLower(service.Spec.ExternalName))
	}
	if len(service.Spec.Selector) > 0 {
		s.keepWorkloads(it.namespace)
	}
}

// keepWorkloads keeps what selectors of a namespace may select.
func (s *selection) keepWorkloads(namespace string) {
	for _, it := range s.items {
		if it.namespace == namespace && (it.kind == kindPod || it.kind == kindWorkloadEntry) {
			s.kept[it] = true
		}
	}
}

// keepNamed keeps what is about a name.
func (s *selection) keepNamed(name string) {
	if s.seen[name] {
		return
	}
	s.seen[name] = true
	if it := s.services[name]; it != nil {
		s.keep(it)
	}
	for _, it := range s.about(name) {
		s.keep(it)
	}
}

// keepDestinations keeps what a VirtualService leads to.
func (s *selection) keepDestinations(it *item, spec *networkingapi.VirtualService) {
	for _, r := range spec.GetHttp() {
		d := r.GetDelegate()
		if d == nil {
			continue
		}
		namespace := cmp.Or(d.GetNamespace(), it.namespace)
		if delegate := s.find(kindVirtualService, namespace, d.GetName()); delegate != nil {
			s.keep(delegate)
		}
	}
	for _, d := range destinationsOf(spec) {
		if d.GetHost() != "" {
			s.keepNamed(fullHost(d.GetHost(), it.namespace, s.domain))
			s.keepServerName(fullHost(d.GetHost(), it.namespace, s.domain), d.GetSubset())
		}
	}
	for _, r := range spec.GetHttp() { // what a gateway tells calls apart by
		if authority := r.GetRewrite().GetAuthority(); authority != "" {
			s.keepNamed(strings.ToLower(authority))
		}
	}
}

// keepServerName keeps what is about the server name that sidecars send to a subset: a gateway tells bytes apart by it.
func (s *selection) keepServerName(host, subset string) {
	for _, it := range s.about(host) {
		rule, ok := it.value.(*networkingv1.DestinationRule)
		if !ok || subset == "" {
			continue
		}
		for _, known := range rule.Spec.GetSubsets() {
			if name := known.GetTrafficPolicy().GetTls().GetSni(); known.GetName() == subset && name != "" {
				s.keepNamed(strings.ToLower(name))
			}
		}
	}
}

// destinationsOf are all that a VirtualService leads to, by itself.
func destinationsOf(spec *networkingapi.VirtualService) []*networkingapi.Destination {
	var all []*networkingapi.Destination
	for _, r := range spec.GetHttp() {
		for _, to := range r.GetRoute() {
			all = append(all, to.GetDestination())
		}
		all = append(all, r.GetMirror())
		for _, mirror := range r.GetMirrors() {
			all = append(all, mirror.GetDestination())
		}
	}
	for _, r := range spec.GetTcp() {
		for _, to := range r.GetRoute() {
			all = append(all, to.GetDestination())
		}
	}
	for _, r := range spec.GetTls() {
		for _, to := range r.GetRoute() {
			all = append(all, to.GetDestination())
		}
	}
	return all
}

// keepAddress keeps what listens on an address.
func (s *selection) keepAddress(address netip.Addr) {
	for _, it := range s.byIP[address] {
		s.keep(it)
	}
	for _, it := range s.cidrs {
		entry, _ := entryOf(it)
		for _, text := range entry.Spec.GetAddresses() {
			if network, err := netip.ParsePrefix(text); err == nil && network.Contains(address) {
				s.keep(it)
			}
		}
	}
}

// class is how a sidecar takes connections to a port.
type class int

const (
	classHTTP class = iota // by the Host, on all addresses
	classTLS               // by the SNI
	classTCP               // by the address alone
)

// keepPort keeps what makes the listener of a port. Of HTTP and of TLS, where hosts tell calls apart, one for each namespace
// does, and one for each host that a Sidecar names: the oldest, which comes first where protocols meet. Of TCP all count
// that are bound to no address.
func (s *selection) keepPort(key portKey) {
	if s.ports[key] {
		return
	}
	s.ports[key] = true
	patterns := s.sidecarHosts(key.namespace)
	found := map[representative]bool{}
	for _, it := range s.byPort[key.port] {
		if !it.seenFrom(key.namespace, s.exportDefaults(it)) {
			continue
		}
		for _, c := range classesOf(it, key.port) {
			if c == classTCP {
				if boundToPort(it) {
					s.keep(it)
				}
				continue
			}
			s.represent(it, representative{c, it.namespace}, found)
			for _, pattern := range patterns {
				if it.isIn(pattern) {
					s.represent(it, representative{c, "host " + pattern}, found)
				}
			}
		}
	}
}

// representative is what an item stands for at a port: its class, and its namespace or the pattern of a Sidecar.
type representative struct {
	class
	of string
}

// represent keeps an item, without what its names lead to, where none represents it yet.
func (s *selection) represent(it *item, as representative, found map[representative]bool) {
	if !found[as] {
		s.kept[it], found[as] = true, true
	}
}

// isIn tells whether a pattern of a Sidecar covers one of the item's hosts.
func (it *item) isIn(pattern string) bool {
	return slices.ContainsFunc(it.hosts, func(host string) bool { return covers(pattern, host) })
}

// sidecarHosts are the hosts that Sidecars for a namespace name, those that are not just "*".
func (s *selection) sidecarHosts(namespace string) []string {
	var patterns []string
	for _, it := range s.items {
		object, ok := it.value.(*networkingv1.Sidecar)
		if !ok || it.namespace != namespace && it.namespace != s.options.MeshConfig.GetRootNamespace() {
			continue
		}
		for _, egress := range object.Spec.GetEgress() {
			for _, host := range egress.GetHosts() {
				if _, name, ok := strings.Cut(host, "/"); ok && name != "*" && !slices.Contains(patterns, name) {
					patterns = append(patterns, strings.ToLower(name))
				}
			}
		}
	}
	return patterns
}

// exportDefaults is who sees an item that does not say so itself.
func (s *selection) exportDefaults(it *item) []string { return s.options.exportDefaults(it.kind) }

func (o Options) exportDefaults(kind string) []string {
	switch kind {
	case kindService, kindServiceEntry:
		return o.MeshConfig.GetDefaultServiceExportTo()
	case kindVirtualService:
		return o.MeshConfig.GetDefaultVirtualServiceExportTo()
	case kindDestinationRule:
		return o.MeshConfig.GetDefaultDestinationRuleExportTo()
	}
	return nil
}

func classesOf(it *item, number int) []class {
	var classes []class
	switch object := it.value.(type) {
	case *corev1.Service:
		if object.Spec.ExternalName != "" { // an alias has no listener: its host has one
			return nil
		}
		for _, port := range object.Spec.Ports {
			if int(port.Port) == number {
				classes = append(classes, classOf(kubeconfig.ConvertProtocol(port.Port, port.Name, port.Protocol, port.AppProtocol)))
			}
		}
	case *networkingv1.ServiceEntry:
		for _, port := range object.Spec.GetPorts() {
			if int(port.GetNumber()) == number {
				classes = append(classes, classOf(protocol.Parse(port.GetProtocol())))
			}
		}
	}
	return classes
}

func classOf(p protocol.Instance) class {
	switch {
	case p.IsHTTP():
		return classHTTP
	case p.IsTLS():
		return classTLS
	}
	return classTCP
}

// boundToPort tells whether a TCP port of an item takes connections to any address, or to those of its endpoints.
func boundToPort(it *item) bool {
	switch object := it.value.(type) {
	case *corev1.Service:
		return object.Spec.ClusterIP == corev1.ClusterIPNone
	case *networkingv1.ServiceEntry:
		return !slices.ContainsFunc(object.Spec.GetAddresses(), isAddress)
	}
	return false
}
