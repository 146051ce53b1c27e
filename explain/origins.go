package explain

import (
	"maps"
	"slices"
	"strings"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	security "istio.io/client-go/pkg/apis/security/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/position"
)

// origins finds the values that a rendered object comes from, by the chart's model.
type origins struct {
	layers       *position.Layers
	services     map[types.NamespacedName]*egress.Service
	destinations map[types.NamespacedName]*egress.Destination // by namespace and host
}

func newOrigins(model *egress.Model, layers *position.Layers) *origins {
	o := &origins{
		layers:       layers,
		services:     make(map[types.NamespacedName]*egress.Service, len(model.Services)),
		destinations: make(map[types.NamespacedName]*egress.Destination, len(model.Destinations)),
	}
	for _, s := range model.Services {
		o.services[types.NamespacedName{Namespace: s.Namespace, Name: s.Name}] = s
	}
	for _, d := range model.Destinations {
		o.destinations[types.NamespacedName{Namespace: d.Namespace, Name: d.Host}] = d
	}
	return o
}

// of returns the origin of an object, nil for one that the model knows nothing of.
func (o *origins) of(object runtime.Object) Origin {
	var paths func(Aspect) string
	switch object := object.(type) {
	case *corev1.Service:
		paths = o.servicePaths(object.Namespace, object.Name)
	case *corev1.Endpoints: //nolint:staticcheck // deprecated, and still rendered
		paths = o.servicePaths(object.Namespace, object.Name)
	case *discoveryv1.EndpointSlice:
		paths = o.servicePaths(object.Namespace, object.Labels[discoveryv1.LabelServiceName])
	case *networking.VirtualService:
		name, _, _ := strings.Cut(object.Name, ".") // and the port, of the gateway's route
		paths = o.servicePaths(object.Namespace, name)
	case *networking.ServiceEntry:
		paths = o.destinationPaths(object.Namespace, object.Spec.GetHosts()[0], nil)
	case *networking.DestinationRule:
		selector := object.Spec.GetWorkloadSelector().GetMatchLabels()
		paths = o.destinationPaths(object.Namespace, object.Spec.GetHost(), selector)
		if paths == nil && len(object.Spec.GetSubsets()) > 0 { // of the gateway's Service
			paths = func(Aspect) string { return gatewayPath }
		}
	case *networking.Gateway:
		paths = func(Aspect) string { return gatewayPath }
	case *gatewayv1.Gateway:
		paths = func(Aspect) string { return waypointPath }
	case *security.AuthorizationPolicy:
		name, namespace, atGateway := strings.Cut(object.Name, ".")
		if !atGateway {
			namespace = object.Namespace
		}
		paths = o.servicePaths(namespace, name)
	}
	if paths == nil {
		return nil
	}
	return func(a Aspect) Place { return o.place(paths(a)) }
}

// gatewayPath is where values tell of the egress gateway.
const gatewayPath = "egressGateway"

// waypointPath is where they tell of the waypoint.
const waypointPath = "waypoint"

func (o *origins) place(path string) Place {
	place := Place{Path: path}
	if parsed, err := position.ParsePath(path); err == nil {
		place.Position = o.layers.Find(parsed).Key
	}
	return place
}

// servicePaths are those of the entry that declares a name.
func (o *origins) servicePaths(namespace, name string) func(Aspect) string {
	service := o.services[types.NamespacedName{Namespace: namespace, Name: name}]
	if service == nil {
		return nil
	}
	return func(a Aspect) string { return servicePath(service, a) }
}

func servicePath(service *egress.Service, a Aspect) string {
	port := portOf(service, a.Port)
	switch {
	case a.Field == FieldServer && service.ExternalName != "":
		return service.Path + ".externalName"
	case a.Field == FieldAddresses || a.Field == FieldServer:
		return service.Path + ".addresses"
	case a.Field == FieldTLS && port != nil && port.TLS != nil:
		return port.TLS.Path
	case a.Field == FieldPort && port != nil:
		return port.Path
	case a.Field == FieldCallers && service.AllowFrom != nil:
		return service.Path + ".allowFrom"
	}
	return service.Path
}

func portOf(service *egress.Service, number int) *egress.Port {
	i := slices.IndexFunc(service.Ports, func(p *egress.Port) bool { return p.Number == number })
	if i < 0 {
		return nil
	}
	return service.Ports[i]
}

// destinationPaths are those of the entry that declares a host, or the settings of some workloads for it.
func (o *origins) destinationPaths(namespace, host string, selector map[string]string) func(Aspect) string {
	destination := o.destinations[types.NamespacedName{Namespace: namespace, Name: host}]
	if destination == nil {
		return nil
	}
	return func(a Aspect) string { return destinationPath(destination, selector, a) }
}

func destinationPath(d *egress.Destination, selector map[string]string, a Aspect) string {
	if len(d.Services) == 1 && a.Field != FieldTLS {
		return servicePath(d.Services[0], a)
	}
	i := slices.IndexFunc(d.Ports, func(p *egress.DestinationPort) bool { return p.Number == a.Port })
	switch {
	case i < 0:
		return d.Path
	case a.Field == FieldPort:
		return d.Ports[i].Path
	case a.Field == FieldTLS:
		return tlsPath(d.Ports[i], selector)
	}
	return d.Path
}

// tlsPath is that of the settings for the workloads of a selector.
func tlsPath(port *egress.DestinationPort, selector map[string]string) string {
	for _, rule := range port.Rules {
		if maps.Equal(rule.Selector, selector) && rule.TLS != nil && rule.TLS.Path != "" {
			return rule.TLS.Path
		}
	}
	return port.Path
}
