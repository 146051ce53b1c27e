package explain

import (
	"fmt"
	"net/netip"
	"strings"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const mirrorController = "endpointslicemirroring-controller.k8s.io"

// mirrored returns the EndpointSlices that a controller of the cluster makes of Endpoints: one for each subset and family.
func mirrored(endpoints *corev1.Endpoints) []*discoveryv1.EndpointSlice { //nolint:staticcheck // still in use
	var slices []*discoveryv1.EndpointSlice
	for i, subset := range endpoints.Subsets {
		families := map[discoveryv1.AddressType][]discoveryv1.Endpoint{}
		for _, address := range subset.Addresses {
			family := familyOf(address.IP)
			families[family] = append(families[family], discoveryv1.Endpoint{Addresses: []string{address.IP}})
		}
		for _, family := range []discoveryv1.AddressType{discoveryv1.AddressTypeIPv4, discoveryv1.AddressTypeIPv6} {
			if len(families[family]) == 0 {
				continue
			}
			slices = append(slices, &discoveryv1.EndpointSlice{
				ObjectMeta: metav1.ObjectMeta{
					Namespace: endpoints.Namespace,
					Name:      fmt.Sprintf("%s-%d-%s", endpoints.Name, i, strings.ToLower(string(family))),
					Labels: map[string]string{
						discoveryv1.LabelServiceName: endpoints.Name, discoveryv1.LabelManagedBy: mirrorController,
					},
				},
				AddressType: family, Endpoints: families[family], Ports: mirroredPorts(subset.Ports),
			})
		}
	}
	return slices
}

func familyOf(ip string) discoveryv1.AddressType {
	if address, err := netip.ParseAddr(ip); err == nil && address.Is6() {
		return discoveryv1.AddressTypeIPv6
	}
	return discoveryv1.AddressTypeIPv4
}

func mirroredPorts(from []corev1.EndpointPort) []discoveryv1.EndpointPort { //nolint:staticcheck // still in use
	ports := make([]discoveryv1.EndpointPort, 0, len(from))
	for _, port := range from {
		mirror := discoveryv1.EndpointPort{Name: &port.Name, Port: &port.Port, AppProtocol: port.AppProtocol}
		if port.Protocol != "" {
			mirror.Protocol = &port.Protocol
		}
		ports = append(ports, portWithDefaults(mirror))
	}
	return ports
}
