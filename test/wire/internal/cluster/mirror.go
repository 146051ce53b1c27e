package cluster

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/istio-egress/istio-egress/test/wire/internal/istiod"
)

// mirror makes the slices of an Endpoints object, one per subset and address family.
func mirror(endpoints *corev1.Endpoints) ([]istiod.Object, error) { //nolint:staticcheck // the chart renders them on demand
	var objects []istiod.Object
	for i := range endpoints.Subsets {
		for _, family := range []discoveryv1.AddressType{discoveryv1.AddressTypeIPv4, discoveryv1.AddressTypeIPv6} {
			slice, err := mirrorSubset(&endpoints.Subsets[i], family)
			if err != nil {
				return nil, err
			}
			if len(slice.Endpoints) == 0 {
				continue
			}
			slice.ObjectMeta = metav1.ObjectMeta{
				Name:      fmt.Sprintf("%s-%d-%s", endpoints.Name, i, strings.ToLower(string(family))),
				Namespace: endpoints.Namespace,
				Labels:    map[string]string{discoveryv1.LabelServiceName: endpoints.Name},
			}
			object, err := istiod.FromKubernetes("EndpointSlice", slice)
			if err != nil {
				return nil, err
			}
			objects = append(objects, object)
		}
	}
	return objects, nil
}

// mirrorSubset makes the slice of the addresses of a family.
func mirrorSubset(subset *corev1.EndpointSubset, family discoveryv1.AddressType) (*discoveryv1.EndpointSlice, error) { //nolint:staticcheck // as above
	slice := &discoveryv1.EndpointSlice{AddressType: family}
	for _, address := range subset.Addresses {
		parsed, err := netip.ParseAddr(address.IP)
		if err != nil {
			return nil, err
		}
		if parsed.Is4() == (family == discoveryv1.AddressTypeIPv4) {
			slice.Endpoints = append(slice.Endpoints, discoveryv1.Endpoint{Addresses: []string{address.IP}})
		}
	}
	for _, port := range subset.Ports {
		slice.Ports = append(slice.Ports, discoveryv1.EndpointPort{Name: &port.Name, Port: &port.Port, Protocol: &port.Protocol})
	}
	return slice, nil
}
