package manifests

import (
	"slices"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/egress"
)

// splitHosts makes of each ServiceEntry and VirtualService for several hosts one for each of them: they say the same of all.
func (s *set) splitHosts() {
	var all []*object
	for _, o := range s.all {
		switch value := o.value.(type) {
		case *istio.ServiceEntry:
			hosts := o.distinct(value.Spec.GetHosts())
			for _, host := range hosts {
				c := value.DeepCopy()
				c.Spec.Hosts = []string{host}
				all = append(all, o.with(c, len(hosts) > 1, host))
			}
		case *istio.VirtualService:
			hosts := o.distinct(value.Spec.GetHosts())
			for _, host := range hosts {
				c := value.DeepCopy()
				c.Spec.Hosts = []string{host}
				all = append(all, o.with(c, len(hosts) > 1, host))
			}
		default:
			all = append(all, o)
		}
	}
	s.all = all
}

// distinct leaves out hosts that stand there before, such as the full name of a service beside its name.
func (o *object) distinct(hosts []string) []string {
	var kept []string
	known := map[string]bool{}
	for _, host := range hosts {
		key := host
		if service, ok := egress.ServiceName(host, o.name.Namespace); ok {
			key = service.String()
		}
		if !known[key] {
			kept = append(kept, host)
		}
		known[key] = true
	}
	return kept
}

// with is the object with another value, for one of its hosts.
func (o *object) with(value kruntime.Object, split bool, host string) *object {
	c := *o
	c.value = value
	if split {
		c.host = host
	}
	return &c
}

// dropMirrored leaves out the EndpointSlices that Kubernetes makes of Endpoints, and those of Services with pods.
func (s *set) dropMirrored() {
	s.all = slices.DeleteFunc(s.all, func(o *object) bool {
		slice, ok := o.value.(*discoveryv1.EndpointSlice)
		if !ok {
			return false
		}
		switch slice.Labels[discoveryv1.LabelManagedBy] {
		case "endpointslice-controller.k8s.io":
			return true
		case "endpointslicemirroring-controller.k8s.io":
			return slices.ContainsFunc(s.all, func(other *object) bool {
				return other.kind == "Endpoints" && other.name.Namespace == o.name.Namespace && other.name.Name == slice.Labels[discoveryv1.LabelServiceName]
			})
		}
		return false
	})
}
