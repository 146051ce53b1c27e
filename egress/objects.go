package egress

import (
	"cmp"
	"slices"
	"strings"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	security "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// Objects are the Kubernetes and Istio objects of a cluster, or of some files, that have a part in its way out, by what
// they are for. Objects without a namespace are in "default", as kubectl has it.
type Objects struct {
	Services         []*corev1.Service
	Endpoints        []*corev1.Endpoints //nolint:staticcheck // deprecated, and still in use
	EndpointSlices   []*discoveryv1.EndpointSlice
	ServiceEntries   []*istio.ServiceEntry
	DestinationRules []*istio.DestinationRule
	VirtualServices  []*istio.VirtualService
	Gateways         []*istio.Gateway
	// AuthorizationPolicies are those of all workloads; a gateway's tell who may call through it.
	AuthorizationPolicies []*security.AuthorizationPolicy

	// Domain is the cluster's, of the first host that tells; empty when none does.
	Domain string

	services map[types.NamespacedName]*corev1.Service
	entries  map[string][]*istio.ServiceEntry
	rules    map[string][]*istio.DestinationRule
	routes   map[string][]*istio.VirtualService
	aliases  map[string][]*corev1.Service
	slices   map[types.NamespacedName][]*discoveryv1.EndpointSlice
	mirrored map[types.NamespacedName]*corev1.Endpoints //nolint:staticcheck // deprecated, and still in use
}

// NewObjects sorts objects by their kinds. Kinds that have no part are left out.
func NewObjects(all []runtime.Object) *Objects {
	o := &Objects{
		services: map[types.NamespacedName]*corev1.Service{},
		entries:  map[string][]*istio.ServiceEntry{},
		rules:    map[string][]*istio.DestinationRule{},
		routes:   map[string][]*istio.VirtualService{},
		aliases:  map[string][]*corev1.Service{},
		slices:   map[types.NamespacedName][]*discoveryv1.EndpointSlice{},
		mirrored: map[types.NamespacedName]*corev1.Endpoints{}, //nolint:staticcheck // deprecated, and still in use
	}
	for _, object := range all {
		o.Add(object)
	}
	return o
}

// Add sorts one more object in.
func (o *Objects) Add(object runtime.Object) {
	switch object := object.(type) {
	case *corev1.Service:
		o.Services = append(o.Services, object)
		o.services[NameOf(object)] = object
		if IsAlias(object) {
			host := NormalHost(object.Spec.ExternalName)
			o.aliases[host] = append(o.aliases[host], object)
		}
	case *corev1.Endpoints: //nolint:staticcheck // deprecated, and still in use
		o.Endpoints = append(o.Endpoints, object)
		o.mirrored[NameOf(object)] = object
	case *discoveryv1.EndpointSlice:
		o.EndpointSlices = append(o.EndpointSlices, object)
		service := types.NamespacedName{Namespace: NameOf(object).Namespace, Name: object.Labels[discoveryv1.LabelServiceName]}
		o.slices[service] = append(o.slices[service], object)
	case *istio.ServiceEntry:
		o.ServiceEntries = append(o.ServiceEntries, object)
		for _, host := range object.Spec.GetHosts() {
			o.learnDomain(host)
			key := hostKey(host, NameOf(object).Namespace)
			o.entries[key] = append(o.entries[key], object)
		}
	case *istio.DestinationRule:
		o.DestinationRules = append(o.DestinationRules, object)
		o.learnDomain(object.Spec.GetHost())
		key := hostKey(object.Spec.GetHost(), NameOf(object).Namespace)
		o.rules[key] = append(o.rules[key], object)
	case *istio.VirtualService:
		o.VirtualServices = append(o.VirtualServices, object)
		for _, host := range object.Spec.GetHosts() {
			o.learnDomain(host)
			key := hostKey(host, NameOf(object).Namespace)
			o.routes[key] = append(o.routes[key], object)
		}
	case *istio.Gateway:
		o.Gateways = append(o.Gateways, object)
	case *security.AuthorizationPolicy:
		o.AuthorizationPolicies = append(o.AuthorizationPolicies, object)
	}
}

// NameOf returns an object's namespace and name.
func NameOf(object metav1.Object) types.NamespacedName {
	return types.NamespacedName{Namespace: cmp.Or(object.GetNamespace(), "default"), Name: object.GetName()}
}

// IsAlias tells whether a Service leads to an external name.
func IsAlias(service *corev1.Service) bool {
	return service.Spec.Type == corev1.ServiceTypeExternalName && service.Spec.ExternalName != ""
}

// NormalHost writes a host as DNS reads it: in lower case, without the last dot.
func NormalHost(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

// ServiceName reads a host that names a service of the cluster, whatever the cluster's domain: name, name.namespace.svc,
// or name.namespace.svc.<domain>. A name alone is a service of the namespace.
func ServiceName(host, namespace string) (types.NamespacedName, bool) {
	labels := strings.Split(host, ".")
	switch {
	case host == "" || strings.Contains(host, "*"):
		return types.NamespacedName{}, false
	case len(labels) == 1:
		return types.NamespacedName{Namespace: namespace, Name: host}, true
	case len(labels) >= 3 && labels[2] == "svc":
		return types.NamespacedName{Namespace: labels[1], Name: labels[0]}, true
	}
	return types.NamespacedName{}, false
}

// FullName is the full name of a service, with the cluster domain that hosts of the objects have; cluster.local when none
// has one.
func (o *Objects) FullName(service types.NamespacedName) string {
	return service.Name + "." + service.Namespace + ".svc." + cmp.Or(o.Domain, "cluster.local")
}

// FullHost is the one way to write a host, as an object of the namespace writes it: services of the cluster by their full
// name.
func (o *Objects) FullHost(host, namespace string) string {
	if service, ok := ServiceName(host, namespace); ok {
		return o.FullName(service)
	}
	return host
}

// learnDomain takes the cluster's domain from a host that has it.
func (o *Objects) learnDomain(host string) {
	labels := strings.SplitN(host, ".", 4)
	if o.Domain == "" && len(labels) == 4 && labels[2] == "svc" {
		o.Domain = labels[3]
	}
}

// hostKey is the same for all ways to write a host.
func hostKey(host, namespace string) string {
	if service, ok := ServiceName(host, namespace); ok {
		return service.String()
	}
	return host
}

// Service returns the Service that a host names, as an object of the namespace writes it. A name with its namespace alone
// counts too: it is what its author meant.
func (o *Objects) Service(host, namespace string) (*corev1.Service, bool) {
	name, ok := ServiceName(host, namespace)
	if parts := strings.Split(host, "."); !ok && len(parts) == 2 {
		name, ok = types.NamespacedName{Namespace: parts[1], Name: parts[0]}, true
	}
	service := o.services[name]
	return service, ok && service != nil
}

// Named returns the Service of a name.
func (o *Objects) Named(name types.NamespacedName) (*corev1.Service, bool) {
	service := o.services[name]
	return service, service != nil
}

// Aliases returns the ExternalName Services that lead to a host.
func (o *Objects) Aliases(host string) []*corev1.Service { return o.aliases[NormalHost(host)] }

// Slices returns the EndpointSlices of a Service.
func (o *Objects) Slices(service types.NamespacedName) []*discoveryv1.EndpointSlice {
	return o.slices[service]
}

// hasEndpoints tells whether a Service leads to addresses, which those call whom no proxy routes.
func (o *Objects) hasEndpoints(service types.NamespacedName) bool {
	return o.mirrored[service] != nil ||
		slices.ContainsFunc(o.slices[service], func(slice *discoveryv1.EndpointSlice) bool { return len(slice.Endpoints) > 0 })
}

// Mirrored returns the Endpoints of a Service; nil when it has none.
//
//nolint:staticcheck // deprecated, and still in use
func (o *Objects) Mirrored(service types.NamespacedName) *corev1.Endpoints {
	return o.mirrored[service]
}

// Entries returns the ServiceEntries of a host, as an object of the namespace writes it: those that name it, else those of
// the closest wildcard.
func (o *Objects) Entries(host, namespace string) []*istio.ServiceEntry {
	return closest(o.entries, host, namespace)
}

// Rules returns the DestinationRules that name a host, as an object of the namespace writes it.
func (o *Objects) Rules(host, namespace string) []*istio.DestinationRule {
	return o.rules[hostKey(host, namespace)]
}

// RulesFor returns the DestinationRules that count for a host: those that name it, else those of the closest wildcard.
func (o *Objects) RulesFor(host, namespace string) []*istio.DestinationRule {
	return closest(o.rules, host, namespace)
}

// Routes returns the VirtualServices that name a host, as an object of the namespace writes it.
func (o *Objects) Routes(host, namespace string) []*istio.VirtualService {
	return o.routes[hostKey(host, namespace)]
}

// closest finds what names a host, else what has the longest wildcard that covers it.
func closest[T any](byHost map[string][]T, host, namespace string) []T {
	if found := byHost[hostKey(host, namespace)]; len(found) > 0 {
		return found
	}
	for rest := host; ; {
		_, after, more := strings.Cut(rest, ".")
		if !more {
			return byHost["*"]
		}
		if found := byHost["*."+after]; len(found) > 0 {
			return found
		}
		rest = after
	}
}

// OwnFirst returns the objects of a namespace, or all when it has none: a namespace's own come before others'.
func OwnFirst[T metav1.Object](objects []T, namespace string) []T {
	var ownObjects []T
	for _, object := range objects {
		if cmp.Or(object.GetNamespace(), "default") == namespace {
			ownObjects = append(ownObjects, object)
		}
	}
	if len(ownObjects) > 0 {
		return ownObjects
	}
	return objects
}
