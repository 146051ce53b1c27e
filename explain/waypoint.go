package explain

import (
	"cmp"
	"strings"

	"istio.io/api/label"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/istio-egress/istio-egress/egress"
)

// waypointClass is the class of Gateways that are waypoints.
const waypointClass = "istio-waypoint"

// waypointsOf are the Gateways of the Gateway API as istiod reads them, and the Services that Istio's controller makes of them,
// where those are not among the objects. A Gateway that is not in the cluster yet is taken to get ready.
func waypointsOf(ix *index) (gateways, services []runtime.Object) {
	for _, it := range ix.items {
		gateway, ok := it.value.(*gatewayv1.Gateway)
		if !ok {
			continue
		}
		host := serviceHost(it.name, it.namespace, ix.domain)
		if len(gateway.Status.Addresses) == 0 && gateway.CreationTimestamp.IsZero() {
			kind := gatewayv1.HostnameAddressType
			gateway = gateway.DeepCopy()
			gateway.Status.Addresses = []gatewayv1.GatewayStatusAddress{{Type: &kind, Value: host}}
		}
		gateways = append(gateways, gateway)
		if ix.services[host] == nil {
			services = append(services, serviceOfWaypoint(it))
		}
	}
	return gateways, services
}

// withNamespaces adds the namespaces of the items that are not among the objects, and gives all of them the label that the API
// server does: waypoints let Services in by it.
func withNamespaces(ix *index, objects []runtime.Object) []runtime.Object {
	there := map[string]bool{}
	for i, object := range objects {
		if namespace, ok := object.(*corev1.Namespace); ok {
			there[namespace.Name] = true
			objects[i] = named(namespace.DeepCopy())
		}
	}
	for _, it := range ix.items {
		if it.namespace != "" && !there[it.namespace] {
			there[it.namespace] = true
			objects = append(objects, named(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: it.namespace}}))
		}
	}
	return objects
}

func named(namespace *corev1.Namespace) *corev1.Namespace {
	metav1.SetMetaDataLabel(&namespace.ObjectMeta, corev1.LabelMetadataName, namespace.Name)
	return namespace
}

// meshController is the controller of waypoints, as the label of what it manages names it.
const meshController = "istio.io-mesh-controller"

// hbonePort is where waypoints take the mesh's tunnels.
const hbonePort = 15008

func serviceOfWaypoint(gateway *item) *corev1.Service {
	return &corev1.Service{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: gateway.namespace, Name: gateway.name,
			Labels: map[string]string{label.GatewayManaged.Name: meshController},
		},
		Spec: corev1.ServiceSpec{ClusterIP: corev1.ClusterIPNone, Ports: []corev1.ServicePort{{Name: "mesh", Port: hbonePort}}},
	}
}

// assumedWaypoints are those that a model's services are bound to and that the release does not create. They are taken to be
// ready, and to let Services of all namespaces in.
func assumedWaypoints(model *egress.Model, rendered []Object, from *origins) []Object {
	there := map[identity]bool{}
	for _, o := range rendered {
		there[identityOf(o.Value)] = true
	}
	var all []Object
	for _, service := range model.Services {
		namespace, name, bound := strings.Cut(service.Waypoint, "/")
		is := identity{kindWaypoint, namespace, name}
		if !bound || there[is] {
			continue
		}
		there[is] = true
		all = append(all, Object{assumedWaypoint(namespace, name), func(Aspect) Place { return from.place(waypointPath) }, is})
	}
	return all
}

func assumedWaypoint(namespace, name string) *gatewayv1.Gateway {
	fromAll := gatewayv1.NamespacesFromAll
	return &gatewayv1.Gateway{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: gatewayv1.GatewaySpec{
			GatewayClassName: waypointClass,
			Listeners: []gatewayv1.Listener{{
				Name: "mesh", Port: hbonePort, Protocol: "HBONE",
				AllowedRoutes: &gatewayv1.AllowedRoutes{Namespaces: &gatewayv1.RouteNamespaces{From: &fromAll}},
			}},
		},
	}
}

// waypointOf is the waypoint that an object's own labels name, or its namespace's, as namespace/name; empty for none.
func (ix *index) waypointOf(it *item) string {
	meta := it.value.(metav1.Object) // of Services and ServiceEntries
	labels := meta.GetLabels()
	if labels[label.IoIstioUseWaypoint.Name] == "" {
		if namespace := ix.find(kindNamespace, "", it.namespace); namespace != nil {
			labels = namespace.value.(*corev1.Namespace).Labels
		}
	}
	name := labels[label.IoIstioUseWaypoint.Name]
	if name == "" || name == "none" {
		return ""
	}
	return cmp.Or(labels[label.IoIstioUseWaypointNamespace.Name], it.namespace) + "/" + name
}
