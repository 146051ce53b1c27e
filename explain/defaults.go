package explain

import (
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// withDefaults returns the object with what the API server fills in, and istiod goes by: of the ports of an EndpointSlice, for
// which it serves no ambient pod else. What is there already is not changed.
func withDefaults(value runtime.Object) runtime.Object {
	slice, ok := value.(*discoveryv1.EndpointSlice)
	if !ok || !slices.ContainsFunc(slice.Ports, func(p discoveryv1.EndpointPort) bool { return p.Name == nil || p.Protocol == nil }) {
		return value
	}
	slice = slice.DeepCopy()
	for i := range slice.Ports {
		slice.Ports[i] = portWithDefaults(slice.Ports[i])
	}
	return slice
}

func portWithDefaults(port discoveryv1.EndpointPort) discoveryv1.EndpointPort {
	if port.Name == nil {
		port.Name = new(string)
	}
	if port.Protocol == nil {
		tcp := corev1.ProtocolTCP
		port.Protocol = &tcp
	}
	return port
}
