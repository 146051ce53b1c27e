// Package cluster keeps the objects of a cluster, and does with them what an API server, the DNS and
// kube-proxy do, as far as calls depend on it.
package cluster

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"github.com/istio-egress/istio-egress/test/wire/internal/dnsserver"
	"github.com/istio-egress/istio-egress/test/wire/internal/istiod"
)

// Families are the address families of a cluster's Services.
type Families string

// The families that a cluster can have.
const (
	IPv4 Families = "IPv4"
	IPv6 Families = "IPv6"
	Dual Families = "dual"
)

// serviceTTL is that of the cluster's own names.
const serviceTTL = 5

// Cluster is a set of objects.
type Cluster struct {
	families Families

	mu      sync.Mutex
	objects map[string]istiod.Object
	order   []string
	given   int
	pods    []*corev1.Pod
	ips     map[string][]string // by Service
	outside map[string]dnsserver.Records
}

// New makes a cluster without objects.
func New(families Families) *Cluster {
	return &Cluster{
		families: families,
		objects:  map[string]istiod.Object{},
		ips:      map[string][]string{},
		outside:  map[string]dnsserver.Records{},
	}
}

// Store keeps the object as an API server would, in place of one of the same name, and returns what is
// stored: with cluster IPs, and with the slices that a controller makes of Endpoints.
func (c *Cluster) Store(object istiod.Object) ([]istiod.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	stored := []istiod.Object{object}
	switch typed := object.Kubernetes.(type) {
	case *corev1.Service:
		c.giveAddresses(object.String(), typed)
		slices, err := c.selectPods(typed)
		if err != nil {
			return nil, fmt.Errorf("make the endpoints of %s: %w", object, err)
		}
		stored = append(stored, slices...)
	case *corev1.Endpoints: //nolint:staticcheck // the chart renders them on demand
		slices, err := mirror(typed)
		if err != nil {
			return nil, fmt.Errorf("mirror %s: %w", object, err)
		}
		stored = append(stored, slices...)
	}
	for _, each := range stored {
		if _, known := c.objects[each.String()]; !known {
			c.order = append(c.order, each.String())
		}
		c.objects[each.String()] = each
	}
	return stored, nil
}

// Remove forgets an object and returns it.
func (c *Cluster) Remove(name string) (istiod.Object, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	object, found := c.objects[name]
	if !found {
		return object, fmt.Errorf("there is no %s; there are %s", name, strings.Join(c.order, ", "))
	}
	delete(c.objects, name)
	c.order = slices.DeleteFunc(c.order, func(other string) bool { return other == name })
	return object, nil
}

// Objects are all objects, in the order in which they came.
func (c *Cluster) Objects() []istiod.Object {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make([]istiod.Object, 0, len(c.order))
	for _, name := range c.order {
		all = append(all, c.objects[name])
	}
	return all
}

// Get returns an object by its name, such as Service default/my-httpbin.
func (c *Cluster) Get(name string) (istiod.Object, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	object, found := c.objects[name]
	return object, found
}

// giveAddresses gives a Service its cluster IPs. It keeps them when it is replaced.
func (c *Cluster) giveAddresses(name string, service *corev1.Service) {
	if service.Spec.Type == corev1.ServiceTypeExternalName || service.Spec.ClusterIP != "" {
		return
	}
	if c.ips[name] == nil {
		c.given++
		v4, v6 := fmt.Sprintf("10.96.%d.%d", 1+c.given/250, 1+c.given%250), fmt.Sprintf("fd00:10:96::1:%x", c.given)
		c.ips[name] = map[Families][]string{IPv4: {v4}, IPv6: {v6}, Dual: {v4, v6}}[c.families]
	}
	service.Spec.ClusterIPs, service.Spec.ClusterIP = c.ips[name], c.ips[name][0]
	for _, ip := range c.ips[name] {
		family := corev1.IPv4Protocol
		if strings.Contains(ip, ":") {
			family = corev1.IPv6Protocol
		}
		service.Spec.IPFamilies = append(service.Spec.IPFamilies, family)
	}
}

// SetRecords sets what a name outside the cluster has; nil for a name that is not there.
func (c *Cluster) SetRecords(name string, records *dnsserver.Records) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if records == nil {
		delete(c.outside, name)
		return
	}
	c.outside[name] = *records
}

// OutsideNames are the names that have records of their own.
func (c *Cluster) OutsideNames() map[string]dnsserver.Records {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.outside)
}

// Records answers for Services, and for names outside.
func (c *Cluster) Records(name string) (dnsserver.Records, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if service := c.serviceOf(name); service != nil {
		return recordsOf(service), true
	}
	records, found := c.outside[name]
	return records, found
}

func (c *Cluster) serviceOf(name string) *corev1.Service {
	inside, isInside := strings.CutSuffix(name, ".svc.cluster.local")
	if !isInside {
		return nil
	}
	service, namespace, whole := strings.Cut(inside, ".")
	if !whole || strings.Contains(namespace, ".") {
		return nil
	}
	object := c.objects[istiod.Object{Kind: "Service", Namespace: namespace, Name: service}.String()]
	typed, _ := object.Kubernetes.(*corev1.Service)
	return typed
}

func recordsOf(service *corev1.Service) dnsserver.Records {
	if service.Spec.Type == corev1.ServiceTypeExternalName {
		return dnsserver.Records{Alias: service.Spec.ExternalName, TTL: serviceTTL}
	}
	records := dnsserver.Records{TTL: serviceTTL}
	for _, ip := range service.Spec.ClusterIPs {
		if address, err := netip.ParseAddr(ip); err == nil {
			records.Addresses = append(records.Addresses, address)
		}
	}
	return records
}

// Resolve does what kube-proxy does with a connection to a cluster IP: it returns an endpoint of the
// Service. The second result is false for other addresses and for Services without endpoints.
func (c *Cluster) Resolve(target netip.AddrPort) (netip.AddrPort, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, object := range c.objects {
		service, ok := object.Kubernetes.(*corev1.Service)
		if !ok || !slices.Contains(service.Spec.ClusterIPs, target.Addr().String()) {
			continue
		}
		for _, port := range service.Spec.Ports {
			if port.Port == int32(target.Port()) {
				return c.endpoint(service, port.Name, target.Addr().Is4())
			}
		}
	}
	return netip.AddrPort{}, false
}

func (c *Cluster) endpoint(service *corev1.Service, port string, is4 bool) (netip.AddrPort, bool) {
	for _, slice := range c.slices(service) {
		for _, endpoint := range slice.Endpoints {
			address, err := netip.ParseAddr(endpoint.Addresses[0])
			if err != nil || address.Is4() != is4 {
				continue
			}
			for _, p := range slice.Ports {
				if p.Name != nil && *p.Name == port && p.Port != nil {
					return netip.AddrPortFrom(address, uint16(*p.Port)), true
				}
			}
		}
	}
	return netip.AddrPort{}, false
}

func (c *Cluster) slices(service *corev1.Service) []*discoveryv1.EndpointSlice {
	var all []*discoveryv1.EndpointSlice
	for _, name := range c.order {
		slice, ok := c.objects[name].Kubernetes.(*discoveryv1.EndpointSlice)
		if ok && slice.Namespace == service.Namespace && slice.Labels[discoveryv1.LabelServiceName] == service.Name {
			all = append(all, slice)
		}
	}
	return all
}

// Serving are the cluster IPs and ports of Services with endpoints.
func (c *Cluster) Serving() []netip.AddrPort {
	c.mu.Lock()
	defer c.mu.Unlock()
	var all []netip.AddrPort
	for _, name := range c.order {
		service, ok := c.objects[name].Kubernetes.(*corev1.Service)
		if !ok || service.Spec.Type == corev1.ServiceTypeExternalName || len(c.slices(service)) == 0 {
			continue
		}
		for _, address := range recordsOf(service).Addresses {
			for _, port := range service.Spec.Ports {
				all = append(all, netip.AddrPortFrom(address, uint16(port.Port)))
			}
		}
	}
	return all
}
