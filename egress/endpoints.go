package egress

import "k8s.io/apimachinery/pkg/types"

// readSlices reads the addresses behind a Service, from its slices, or from its Endpoints where it has none: Kubernetes
// mirrors those into slices.
func (r *objectReader) readSlices(d *Destination, service *Service) {
	name := types.NamespacedName{Namespace: service.Namespace, Name: service.Name}
	for _, slice := range r.objects.Slices(name) {
		service.EndpointsKind = "EndpointSlice"
		d.Objects = append(d.Objects, slice)
		for _, endpoint := range slice.Endpoints {
			d.Addresses = append(d.Addresses, endpoint.Addresses...)
		}
	}
	endpoints := r.objects.mirrored[name]
	if endpoints == nil || service.EndpointsKind == "EndpointSlice" {
		return
	}
	service.EndpointsKind = "Endpoints"
	d.Objects = append(d.Objects, endpoints)
	for _, subset := range endpoints.Subsets {
		for _, address := range subset.Addresses {
			d.Addresses = append(d.Addresses, address.IP)
		}
	}
}

// targetPort is the port of the endpoints behind a port of a Service; 0 when there are none.
func (o *Objects) targetPort(port *Port) int {
	service := types.NamespacedName{Namespace: port.Service.Namespace, Name: port.Service.Name}
	for _, slice := range o.Slices(service) {
		for _, p := range slice.Ports {
			if value(p.Name) == port.Name && p.Port != nil {
				return int(*p.Port)
			}
		}
	}
	if endpoints := o.mirrored[service]; endpoints != nil {
		for _, subset := range endpoints.Subsets {
			for _, p := range subset.Ports {
				if p.Name == port.Name {
					return int(p.Port)
				}
			}
		}
	}
	return 0
}
