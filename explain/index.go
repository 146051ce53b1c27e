package explain

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"sync"

	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
)

// index finds the items of a mesh.
type index struct {
	items     []*item
	byID      map[identity]*item
	byHost    map[string][]*item  // Istio's by each of their hosts, in the order of the items
	wildcards []*item             // those with a host that begins with a wildcard
	services  map[string]*item    // by full name
	slices    map[string][]*item  // EndpointSlices and Endpoints by the full name of their Service
	addresses map[netip.Addr]bool // that ServiceEntries declare
	domain    string
	listening func() *listening
}

func newIndex(items []*item, domain string) *index {
	ix := &index{
		items: items, domain: domain,
		byID: make(map[identity]*item, len(items)), byHost: map[string][]*item{},
		services: map[string]*item{}, slices: map[string][]*item{}, addresses: map[netip.Addr]bool{},
	}
	ix.listening = sync.OnceValue(func() *listening { return newListening(items) })
	for _, it := range items {
		ix.add(it)
	}
	return ix
}

func (ix *index) add(it *item) {
	ix.byID[it.identity] = it
	switch object := it.value.(type) {
	case *corev1.Service:
		ix.services[it.hosts[0]] = it
		return
	case *corev1.Endpoints: //nolint:staticcheck // still in use
		host := serviceHost(it.name, it.namespace, ix.domain)
		ix.slices[host] = append(ix.slices[host], it)
	case *discoveryv1.EndpointSlice:
		host := serviceHost(object.Labels[discoveryv1.LabelServiceName], it.namespace, ix.domain)
		ix.slices[host] = append(ix.slices[host], it)
	case *networkingv1.ServiceEntry:
		for _, text := range object.Spec.GetAddresses() {
			if address, err := netip.ParseAddr(text); err == nil {
				ix.addresses[address] = true
			}
		}
	}
	wildcard := false
	for _, host := range it.hosts {
		ix.byHost[host] = append(ix.byHost[host], it)
		wildcard = wildcard || strings.HasPrefix(host, "*")
	}
	if wildcard {
		ix.wildcards = append(ix.wildcards, it)
	}
}

// find returns an item, nil when there is none.
func (ix *index) find(kind, namespace, name string) *item {
	return ix.byID[identity{kind, namespace, name}]
}

// about returns Istio's items that are about a name, by itself or by a wildcard.
func (ix *index) about(name string) []*item {
	found := slices.Clone(ix.byHost[name])
	for _, it := range ix.wildcards {
		if it.isAbout(name) && !slices.Contains(found, it) {
			found = append(found, it)
		}
	}
	return found
}

// entries returns the ServiceEntries of a name.
func (ix *index) entries(name string) []*item {
	return slices.DeleteFunc(ix.about(name), func(it *item) bool { return it.kind != kindServiceEntry })
}

// service returns the Service of a full name.
func (ix *index) service(fullName string) (*item, *corev1.Service) {
	it := ix.services[fullName]
	if it == nil {
		return nil, nil
	}
	return it, it.value.(*corev1.Service)
}

// slicesOf returns the EndpointSlices of a Service, and its Endpoints where those are not mirrored yet.
func (ix *index) slicesOf(fullName string) []*item {
	all := ix.slices[fullName]
	mirroredYet := slices.ContainsFunc(all, func(it *item) bool {
		slice, ok := it.value.(*discoveryv1.EndpointSlice)
		return ok && slice.Labels[discoveryv1.LabelManagedBy] == mirrorController
	})
	return slices.DeleteFunc(slices.Clone(all), func(it *item) bool { return mirroredYet && it.kind == kindEndpoints })
}

// endpointSlices are the slices of an item that slicesOf returns.
func endpointSlices(it *item) []*discoveryv1.EndpointSlice {
	switch object := it.value.(type) {
	case *discoveryv1.EndpointSlice:
		return []*discoveryv1.EndpointSlice{object}
	case *corev1.Endpoints: //nolint:staticcheck // still in use
		return mirrored(object)
	}
	return nil
}

// without returns an index that lacks an item.
func (ix *index) without(items ...*item) *index {
	kept := slices.DeleteFunc(slices.Clone(ix.items), func(it *item) bool { return slices.Contains(items, it) })
	return newIndex(kept, ix.domain)
}

// byAge orders items as istiod does: by creation, then by name and namespace.
func byAge(a, b *item) int {
	return cmp.Or(a.created.Compare(b.created), cmp.Compare(a.name, b.name), cmp.Compare(a.namespace, b.namespace))
}

// entryOf returns the ServiceEntry of an item.
func entryOf(it *item) (*networkingv1.ServiceEntry, bool) {
	if it == nil {
		return nil, false
	}
	entry, ok := it.value.(*networkingv1.ServiceEntry)
	return entry, ok
}
