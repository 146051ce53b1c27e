package egress

import "k8s.io/apimachinery/pkg/types"

// readSlices reads the addresses behind a Service, from its slices and from its Endpoints, which Kubernetes mirrors into slices.
func (r *objectReader) readSlices(d *Destination, service *Service) {
	name := types.NamespacedName{Namespace: service.Namespace, Name: service.Name}
	if endpoints := r.objects.mirrored[name]; endpoints != nil {
		service.EndpointsKind = "Endpoints"
		d.Objects = append(d.Objects, endpoints)
		for _, subset := range endpoints.Subsets {
			for _, address := range subset.Addresses {
				d.Addresses = append(d.Addresses, address.IP)
			}
		}
	}
	for _, slice := range r.objects.Slices(name) {
		service.EndpointsKind = "EndpointSlice"
		d.Objects = append(d.Objects, slice)
		for _, endpoint := range slice.Endpoints {
			d.Addresses = append(d.Addresses, endpoint.Addresses...)
		}
	}
}

// TargetPort is the port of the endpoints behind the port of a Service that has the name; 0 when there are none.
func (o *Objects) TargetPort(service types.NamespacedName, name string) int {
	for _, slice := range o.Slices(service) {
		for _, p := range slice.Ports {
			if value(p.Name) == name && p.Port != nil {
				return int(*p.Port)
			}
		}
	}
	if endpoints := o.mirrored[service]; endpoints != nil {
		for _, subset := range endpoints.Subsets {
			for _, p := range subset.Ports {
				if p.Name == name {
					return int(p.Port)
				}
			}
		}
	}
	return 0
}
