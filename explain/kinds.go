package explain

import (
	"fmt"
	"time"

	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	networkingv1alpha3 "istio.io/client-go/pkg/apis/networking/v1alpha3"
	securityv1 "istio.io/client-go/pkg/apis/security/v1"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/gvk"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
)

// The kinds that have a part in calls.
const (
	kindService             = "Service"
	kindEndpointSlice       = "EndpointSlice"
	kindEndpoints           = "Endpoints"
	kindNamespace           = "Namespace"
	kindPod                 = "Pod"
	kindServiceEntry        = "ServiceEntry"
	kindDestinationRule     = "DestinationRule"
	kindVirtualService      = "VirtualService"
	kindSidecar             = "Sidecar"
	kindWorkloadEntry       = "WorkloadEntry"
	kindGateway             = "Gateway"
	kindWaypoint            = "Gateway.gateway.networking.k8s.io" // of the Gateway API, as kubectl writes it
	kindEnvoyFilter         = "EnvoyFilter"
	kindPeerAuthentication  = "PeerAuthentication"
	kindAuthorizationPolicy = "AuthorizationPolicy"
)

// identity tells objects apart.
type identity struct{ kind, namespace, name string }

func (id identity) String() string { return id.kind + " " + id.namespace + "/" + id.name }

func identityOf(object runtime.Object) identity {
	meta, ok := object.(metav1.Object)
	if !ok {
		return identity{kind: kindOf(object)}
	}
	return identity{kindOf(object), meta.GetNamespace(), meta.GetName()}
}

// kindOf returns the kind of an object by its type: decoded objects may not say it. Empty for those without a part in calls.
func kindOf(object runtime.Object) string {
	switch object.(type) {
	case *corev1.Service:
		return kindService
	case *corev1.Endpoints: //nolint:staticcheck // still in use
		return kindEndpoints
	case *corev1.Namespace:
		return kindNamespace
	case *corev1.Pod:
		return kindPod
	case *discoveryv1.EndpointSlice:
		return kindEndpointSlice
	case *networkingv1.ServiceEntry:
		return kindServiceEntry
	case *networkingv1.DestinationRule:
		return kindDestinationRule
	case *networkingv1.VirtualService:
		return kindVirtualService
	case *networkingv1.Sidecar:
		return kindSidecar
	case *networkingv1.WorkloadEntry:
		return kindWorkloadEntry
	case *networkingv1.Gateway:
		return kindGateway
	case *gatewayv1.Gateway:
		return kindWaypoint
	case *networkingv1alpha3.EnvoyFilter:
		return kindEnvoyFilter
	case *securityv1.PeerAuthentication:
		return kindPeerAuthentication
	case *securityv1.AuthorizationPolicy:
		return kindAuthorizationPolicy
	}
	return ""
}

// configOf returns an object of Istio as istiod keeps it.
func configOf(object runtime.Object, created time.Time, domain string) (config.Config, error) {
	c := config.Config{}
	switch o := object.(type) {
	case *networkingv1.ServiceEntry:
		c.GroupVersionKind, c.Spec, c.Status = gvk.ServiceEntry, &o.Spec, &o.Status
	case *networkingv1.DestinationRule:
		c.GroupVersionKind, c.Spec = gvk.DestinationRule, o.Spec.DeepCopy() // istiod completes the host in it
	case *networkingv1.VirtualService:
		c.GroupVersionKind, c.Spec = gvk.VirtualService, &o.Spec
	case *networkingv1.Sidecar:
		c.GroupVersionKind, c.Spec = gvk.Sidecar, &o.Spec
	case *networkingv1.WorkloadEntry:
		c.GroupVersionKind, c.Spec = gvk.WorkloadEntry, &o.Spec
	case *networkingv1.Gateway:
		c.GroupVersionKind, c.Spec = gvk.Gateway, &o.Spec
	case *networkingv1alpha3.EnvoyFilter:
		c.GroupVersionKind, c.Spec = gvk.EnvoyFilter, &o.Spec
	case *securityv1.PeerAuthentication:
		c.GroupVersionKind, c.Spec = gvk.PeerAuthentication, &o.Spec
	case *securityv1.AuthorizationPolicy:
		c.GroupVersionKind, c.Spec = gvk.AuthorizationPolicy, &o.Spec
	default:
		return c, fmt.Errorf("%T is no object of Istio that has a part in calls", object)
	}
	meta := object.(metav1.Object) // as all of the types above
	c.Name, c.Namespace, c.Domain = meta.GetName(), meta.GetNamespace(), domain
	c.Labels, c.Annotations = meta.GetLabels(), meta.GetAnnotations()
	c.UID, c.ResourceVersion, c.Generation = string(meta.GetUID()), meta.GetResourceVersion(), meta.GetGeneration()
	c.CreationTimestamp = created
	return c, nil
}
