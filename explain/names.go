package explain

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// answer is what DNS says of a name in a pod.
type answer struct {
	aliases []*item // ExternalName Services on the way, in order
	name    string  // that is resolved in the end: a Service's full name, or one outside of the cluster
	service *item   // of that name
	address netip.Addr
	assumed bool   // only DNS itself knows the address
	inside  bool   // the name is one of the cluster's, of a Service that is not known
	entry   *item  // the ServiceEntry that declares the assumed address
	count   int    // of its addresses
	agent   string // that captures DNS and answers, with an address of the mesh's own; empty where it is the cluster's DNS
}

// resolver is the DNS of a pod.
type resolver struct {
	*index
	namespace string
	ipv6      bool                    // the pod has no IPv4 address
	captured  map[string][]netip.Addr // by full name, where DNS is captured
	agent     string                  // who answers then: ztunnel; the sidecar's agent when empty
}

// The first addresses that stand for what only DNS knows: of networks that are for measurements, and for documents.
var (
	unknownIPv4 = netip.MustParseAddr("198.18.0.1")
	unknownIPv6 = netip.MustParseAddr("2001:db8::1")
)

// unknownAddress stands for what only DNS knows. No ServiceEntry declares it.
func (r resolver) unknownAddress() netip.Addr {
	address := unknownIPv4
	if r.ipv6 {
		address = unknownIPv6
	}
	for r.addresses[address] {
		address = address.Next()
	}
	return address
}

// usable returns the first address that a pod can dial.
func (r resolver) usable(texts []string) (netip.Addr, bool) {
	var first netip.Addr
	for _, text := range texts {
		address, err := netip.ParseAddr(text)
		if err != nil {
			continue
		}
		if address.Is6() == r.ipv6 {
			return address, true
		}
		if !first.IsValid() {
			first = address
		}
	}
	return first, first.IsValid()
}

// resolve looks a name up as a pod does: by its search list, following aliases.
func (r resolver) resolve(name string) answer {
	a := answer{name: name}
	if address, err := netip.ParseAddr(name); err == nil {
		a.address = address.Unmap()
		a.service = r.serviceAt(a.address)
		return a
	}
	const longest = 8 // of aliases; resolvers give up as well
	for range longest {
		full, it := r.search(strings.TrimSuffix(a.name, "."), strings.HasSuffix(a.name, "."))
		a.name = full
		if it == nil {
			break
		}
		service := it.value.(*corev1.Service)
		if service.Spec.Type != corev1.ServiceTypeExternalName {
			a.service = it
			a.address = r.clusterIP(full, service)
			return a
		}
		if address, ok := r.isZtunnels(full); ok {
			a.address, a.agent = address, r.agent
			return a
		}
		a.aliases = append(a.aliases, it)
		a.name = strings.ToLower(service.Spec.ExternalName)
		if address, err := netip.ParseAddr(a.name); err == nil {
			a.address = address
			return a
		}
	}
	a.name = strings.TrimSuffix(a.name, ".")
	r.external(&a)
	return a
}

// serviceAt returns the Service that has a cluster IP; nil for none. Those that are made up nobody dials.
func (ix *index) serviceAt(address netip.Addr) *item {
	for _, it := range ix.services {
		service := it.value.(*corev1.Service)
		if it.invented || service.Spec.Type == corev1.ServiceTypeExternalName {
			continue
		}
		for _, text := range append([]string{service.Spec.ClusterIP}, service.Spec.ClusterIPs...) {
			if ip, err := netip.ParseAddr(text); err == nil && ip == address {
				return it
			}
		}
	}
	return nil
}

// dotsOfAbsolute is the ndots of pods: names with fewer dots are looked up in the search list first.
const dotsOfAbsolute = 5

// search returns the full name of a Service that a name means, or the name itself.
func (r resolver) search(name string, absolute bool) (string, *item) {
	suffixes := []string{"." + r.namespace + ".svc." + r.domain, ".svc." + r.domain, "." + r.domain, ""}
	switch {
	case absolute:
		suffixes = []string{""}
	case strings.Count(name, ".") >= dotsOfAbsolute:
		suffixes = append([]string{""}, suffixes[:3]...)
	}
	for _, suffix := range suffixes {
		if it := r.services[name+suffix]; it != nil {
			return name + suffix, it
		}
	}
	return name, nil
}

// clusterIP is the address of a Service; of a headless one that of its first endpoint.
func (r resolver) clusterIP(fullName string, service *corev1.Service) netip.Addr {
	if address, ok := r.usable(append(slices.Clone(service.Spec.ClusterIPs), service.Spec.ClusterIP)); ok {
		return address
	}
	var endpoints []string
	for _, it := range r.slicesOf(fullName) {
		for _, slice := range endpointSlices(it) {
			for _, endpoint := range slice.Endpoints {
				endpoints = append(endpoints, endpoint.Addresses...)
			}
		}
	}
	if address, ok := r.usable(endpoints); ok {
		return address
	}
	return r.unknownAddress()
}

// external finds the address of a name outside of the cluster: of the agent's table, else declared for it, else unknown.
func (r resolver) external(a *answer) {
	// The agent knows hosts by their own names. Aliases it does not know, and what it asks for them is real DNS.
	if known := r.captured[a.name]; len(known) > 0 && len(a.aliases) == 0 {
		a.address, a.agent = known[0], cmp.Or(r.agent, "the sidecar's agent")
		return
	}
	a.address, a.assumed = r.unknownAddress(), true
	a.inside = !strings.Contains(a.name, ".") || strings.HasSuffix(a.name, ".svc."+r.domain)
	entries := r.entries(a.name)
	slices.SortStableFunc(entries, func(x, y *item) int { return cmp.Compare(r.distance(x), r.distance(y)) })
	for _, it := range entries {
		entry, _ := entryOf(it)
		if address, ok := r.usable(entry.Spec.GetAddresses()); ok {
			a.address, a.entry, a.count = address, it, len(entry.Spec.GetAddresses())
			return
		}
	}
}

// distance orders the declarations of a host for a caller: its own namespace's come first, those that it does not see last.
func (r resolver) distance(it *item) int {
	switch {
	case it.namespace == r.namespace:
		return 0
	case it.seenFrom(r.namespace, nil):
		return 1
	}
	return 2
}

// describe says what DNS answers, and what of it is assumed.
func (a *answer) describe(given bool) string {
	switch {
	case given:
		return "to the address that was given"
	case a.agent != "":
		return fmt.Sprintf("to %s, which %s answers for %s (DNS capture)", a.address, a.agent, a.name)
	case a.entry != nil && a.count == 1:
		return fmt.Sprintf("to %s, assumed: DNS must answer with the declared address (any other is not matched)", a.address)
	case a.entry != nil:
		return fmt.Sprintf("to %s, assumed: DNS must answer with one of the %d declared addresses (any other is not matched)", a.address, a.count)
	case a.assumed && a.inside:
		return fmt.Sprintf("to whatever address DNS answers for %s: no Service of this name is among the objects", a.name)
	case a.assumed:
		return "to whatever address DNS answers for " + a.name
	}
	return "to " + a.address.String()
}
