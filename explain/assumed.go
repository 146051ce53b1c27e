package explain

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/istio-egress/istio-egress/egress"
)

// firstUnprivileged is the first port that processes without privileges may bind to.
const firstUnprivileged = 1024

// assumedGateway is an egress gateway as values tell of it: the Service, and a pod behind it. The number keeps the pods of
// several apart.
func assumedGateway(g *egress.Gateway, number int, from *origins) []Object {
	meta := metav1.ObjectMeta{Namespace: g.Namespace, Name: g.Name}
	podMeta := metav1.ObjectMeta{Namespace: g.Namespace, Name: g.Name + "-assumed", Labels: g.Selector}
	sliceMeta := metav1.ObjectMeta{Namespace: g.Namespace, Name: g.Name + "-assumed", Labels: map[string]string{discoveryv1.LabelServiceName: g.Name}}
	port, name, ip := int32(g.Port), "https", fmt.Sprintf("10.244.255.%d", 1+number%250) // ports are at most 65535
	target := port
	if target < firstUnprivileged {
		target += 8000 // as Istio's own chart has it; gateways do not bind to others
	}
	service := &corev1.Service{ObjectMeta: meta, Spec: corev1.ServiceSpec{
		Selector: g.Selector, Ports: []corev1.ServicePort{{Name: name, Port: port, TargetPort: intstr.FromInt32(target), Protocol: corev1.ProtocolTCP}},
	}}
	pod := &corev1.Pod{ObjectMeta: podMeta, Status: corev1.PodStatus{Phase: corev1.PodRunning, PodIP: ip, PodIPs: []corev1.PodIP{{IP: ip}}}}
	ready, protocol := true, corev1.ProtocolTCP
	slice := &discoveryv1.EndpointSlice{
		ObjectMeta: sliceMeta, AddressType: discoveryv1.AddressTypeIPv4,
		Ports: []discoveryv1.EndpointPort{{Name: &name, Port: &target, Protocol: &protocol}},
		Endpoints: []discoveryv1.Endpoint{{
			Addresses: []string{ip}, Conditions: discoveryv1.EndpointConditions{Ready: &ready},
			TargetRef: &corev1.ObjectReference{Kind: kindPod, Namespace: g.Namespace, Name: podMeta.Name},
		}},
	}
	origin := func(Aspect) Place { return from.place(gatewayPath) }
	is := identity{kindService, g.Namespace, g.Name}
	return []Object{{service, origin, is}, {pod, origin, is}, {slice, origin, is}}
}
