package manifests

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/render"
)

// importServices writes an entry for each Service that leads out of the mesh.
func (i *importer) importServices() {
	for _, service := range i.set.Services {
		o := i.set.objectOf(service)
		if !i.leadsOut(service) {
			continue
		}
		entry, found := i.entryFor(service)
		if found == nil {
			i.entries = append(i.entries, *entry)
			continue
		}
		i.refuse(o, found)
	}
}

// refuse lists a Service that no entry stands for, by what one of its objects says. A ServiceEntry that is not the Service's own
// is left for an entry of hosts.
func (i *importer) refuse(service *object, found *obstacle) {
	if found.object == nil || found.object == service {
		i.add(obstacle{service, found.path, found.reason})
		return
	}
	at := found.object.String()
	if found.path != "" {
		at += ": " + found.path
	}
	i.add(obstacle{service, "", at + ": " + found.reason})
	if !i.said[found.object] && !i.ofHostsAlone(found.object) {
		i.add(*found)
	}
}

// ofHostsAlone tells whether an object declares a host to which no Service of its namespace leads.
func (i *importer) ofHostsAlone(o *object) bool {
	return o.kind == "ServiceEntry" && i.set.subjectOf(o).service == nil
}

// leadsOut tells whether a Service is an alias, or one without pods: not one that Kubernetes has for itself.
func (i *importer) leadsOut(service *corev1.Service) bool {
	if service.Labels["component"] == "apiserver" && service.Labels["provider"] == "kubernetes" {
		return false
	}
	return egress.IsAlias(service) || len(service.Spec.Selector) == 0
}

// entryFor writes the entry for a Service, and proves that it does what the objects do.
func (i *importer) entryFor(service *corev1.Service) (*Entry, *obstacle) {
	if len(service.Spec.Ports) == 0 {
		return nil, &obstacle{path: "spec", reason: "it declares no ports, and values need them: add those that workloads call"}
	}
	d, found := i.set.collect(subjectOfService(service))
	if found != nil {
		return nil, found
	}
	model, found := d.declared(i.set.Domain)
	if found != nil {
		return nil, found
	}
	entry := &Entry{Values: render.ValuesOf(model), draft: d, model: model}
	if found := i.prove(entry); found != nil {
		return nil, found
	}
	for _, from := range d.origins {
		at, _ := from.object.place("")
		entry.From = append(entry.From, Source{from.object.String(), at})
	}
	if err := i.tellClosing(entry); err != nil {
		return nil, &obstacle{reason: err.Error()}
	}
	return entry, nil
}

// declared is what the objects of the draft say as they are, without repair.
func (d *draft) declared(domain string) (*egress.Model, *obstacle) {
	values := make([]kruntime.Object, len(d.origins))
	for i, from := range d.origins {
		values[i] = from.value
	}
	objects := egress.NewObjects(values)
	objects.Domain = domain
	model := only(egress.FromObjects(objects), d.name.String())
	service := model.Services[0]
	lost := service.Unsaid()
	for _, destination := range model.Destinations {
		lost = append(lost, destination.Unsaid()...)
	}
	if len(lost) > 0 {
		return nil, &obstacle{d.originOf(lost[0].Object), lost[0].Path, whyNoPlace(lost[0].Object, lost[0].Path)}
	}
	for _, port := range service.Ports {
		if port.To == nil && !service.InCluster {
			return nil, &obstacle{reason: fmt.Sprintf("port %d leads nowhere", port.Number)}
		}
	}
	if service.InCluster && len(d.origins) > 1 {
		return nil, &obstacle{d.origins[1].object, "", "it is for a service of the cluster, to which the mesh's own rules apply"}
	}
	return model, nil
}

func (d *draft) originOf(value kruntime.Object) *object {
	for _, from := range d.origins {
		if from.value == value {
			return from.object
		}
	}
	return nil
}

// only is the part of a model that a service has: its destinations, and those ports of them to which it leads.
func only(model *egress.Model, id string) *egress.Model {
	part := &egress.Model{DataPlane: model.DataPlane}
	for _, service := range model.Services {
		if service.ID() == id {
			part.Services = []*egress.Service{service}
		}
	}
	if len(part.Services) == 0 {
		return part
	}
	led := map[*egress.DestinationPort]bool{}
	for _, port := range part.Services[0].Ports {
		led[port.To] = true
	}
	for _, destination := range model.Destinations {
		copied := *destination
		copied.Ports = slices.DeleteFunc(slices.Clone(destination.Ports), func(port *egress.DestinationPort) bool { return !led[port] })
		if len(copied.Ports) > 0 {
			part.Destinations = append(part.Destinations, &copied)
		}
	}
	return part
}
