package cluster

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/istio-egress/istio-egress/test/wire/internal/istiod"
)

// AddPod tells the cluster of a pod, before the Services that select it.
func (c *Cluster) AddPod(name, namespace, account string, podLabels map[string]string, addresses []netip.Addr) error {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: name, Namespace: namespace, Labels: podLabels},
		Spec:       corev1.PodSpec{ServiceAccountName: account},
		Status: corev1.PodStatus{
			Phase: corev1.PodRunning, PodIP: addresses[0].String(),
			Conditions: []corev1.PodCondition{{Type: corev1.PodReady, Status: corev1.ConditionTrue}},
		},
	}
	for _, address := range addresses {
		pod.Status.PodIPs = append(pod.Status.PodIPs, corev1.PodIP{IP: address.String()})
	}
	object, err := istiod.FromKubernetes("Pod", pod)
	if err != nil {
		return err
	}
	c.pods = append(c.pods, pod)
	_, err = c.Store(object)
	return err
}

// selected are the endpoints of the pods that a Service selects, by family.
func (c *Cluster) selected(service *corev1.Service) map[discoveryv1.AddressType][]discoveryv1.Endpoint {
	ready := true
	byFamily := map[discoveryv1.AddressType][]discoveryv1.Endpoint{}
	for _, pod := range c.pods {
		if pod.Namespace != service.Namespace || !labels.SelectorFromSet(service.Spec.Selector).Matches(labels.Set(pod.Labels)) {
			continue
		}
		for _, ip := range pod.Status.PodIPs {
			family := discoveryv1.AddressTypeIPv4
			if strings.Contains(ip.IP, ":") {
				family = discoveryv1.AddressTypeIPv6
			}
			byFamily[family] = append(byFamily[family], discoveryv1.Endpoint{
				Addresses: []string{ip.IP}, Conditions: discoveryv1.EndpointConditions{Ready: &ready},
				TargetRef: &corev1.ObjectReference{Kind: "Pod", Name: pod.Name, Namespace: pod.Namespace},
			})
		}
	}
	return byFamily
}

// selectPods makes the slices of the pods that a Service selects.
func (c *Cluster) selectPods(service *corev1.Service) ([]istiod.Object, error) {
	if len(service.Spec.Selector) == 0 {
		return nil, nil
	}
	var objects []istiod.Object
	for family, endpoints := range c.selected(service) {
		slice := &discoveryv1.EndpointSlice{
			ObjectMeta: metav1.ObjectMeta{
				Name:      service.Name + "-" + strings.ToLower(string(family)),
				Namespace: service.Namespace,
				Labels:    map[string]string{discoveryv1.LabelServiceName: service.Name},
			},
			AddressType: family, Endpoints: endpoints,
		}
		for _, port := range service.Spec.Ports {
			if port.TargetPort.Type == intstr.String {
				return nil, fmt.Errorf("port %s: write the number of the target port, as pods have no named ports here", port.Name)
			}
			target := port.TargetPort.IntVal
			if target == 0 {
				target = port.Port
			}
			slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &port.Name, Port: &target, AppProtocol: port.AppProtocol})
		}
		object, err := istiod.FromKubernetes("EndpointSlice", slice)
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	return objects, nil
}
