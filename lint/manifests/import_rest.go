package manifests

import (
	"fmt"
	"maps"
	"slices"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/istio-egress/istio-egress/egress"
)

// ofNoEntry is why values do not say an object of a kind that no entry stands for.
const ofNoEntry = "values declare no object of this kind"

// listTheRest lists what the entries do not say: parts of their objects, and objects that have no part in one. What is about
// Services of pods is no way out, and counts among the others.
func (i *importer) listTheRest() {
	for n := range i.entries {
		if entry := &i.entries[n]; entry.isHosts() {
			i.listPartsOfHosts(entry)
		} else {
			i.listPartsOf(entry)
		}
	}
	for _, o := range i.set.all {
		if i.said[o] {
			continue
		}
		reason := i.whyUnsaid(o)
		if reason == "" {
			i.set.others++
			continue
		}
		i.add(obstacle{o, "", reason})
	}
	for _, o := range i.set.untyped {
		i.set.others--
		at, _ := o.place("")
		i.unsaid = append(i.unsaid, Unsaid{Source{"", at}, "", "a " + o.kind + " whose items say no kind: give what kubectl get -o yaml prints"})
	}
	for _, o := range i.set.ofIstio {
		if o.group == groups["ServiceEntry"] { // of the others, most are for workloads of the mesh
			i.set.others--
			i.add(obstacle{o, "", ofNoEntry})
		}
	}
}

// listPartsOf lists what an entry leaves out of its objects.
func (i *importer) listPartsOf(entry *Entry) {
	read := map[any]bool{}
	for _, object := range entry.model.Services[0].Objects {
		read[object] = true
	}
	for _, destination := range entry.model.Destinations {
		for _, object := range destination.Objects {
			read[object] = true
		}
	}
	service := entry.draft.service
	for _, from := range entry.draft.origins {
		if i.said[from.object] {
			continue
		}
		i.said[from.object] = true
		switch value := from.value.(type) {
		case *istio.DestinationRule:
			if !read[value] {
				i.add(obstacle{from.object, "spec.host", "it does nothing: Istio follows no rules for the name of an ExternalName Service"})
			}
		case *istio.VirtualService:
			if !read[value] {
				i.add(obstacle{from.object, "spec.hosts", "no call of " + service.Name + " follows it, and values route calls of local names alone"})
			}
		case *istio.ServiceEntry:
			i.listPorts(from.object, value)
		}
		if from.value != service {
			i.listMetadata(from.object, from.value.(metav1.Object), service.ObjectMeta, "Service")
		}
	}
}

// listMetadata lists labels and annotations that are not those of the object after which the entry is called.
func (i *importer) listMetadata(o *object, value metav1.Object, first metav1.ObjectMeta, kind string) {
	reason := "values give all objects of an entry those of its " + kind
	if labels := egress.OwnMetadata(value.GetLabels()); len(labels) > 0 && !maps.Equal(labels, egress.OwnMetadata(first.Labels)) {
		i.add(obstacle{o, "metadata.labels", reason})
	}
	if annotations := egress.OwnMetadata(value.GetAnnotations()); len(annotations) > 0 && !maps.Equal(annotations, egress.OwnMetadata(first.Annotations)) {
		i.add(obstacle{o, "metadata.annotations", reason})
	}
}

// listPorts lists the ports of an entry's host to which no local name leads.
func (i *importer) listPorts(o *object, entry *istio.ServiceEntry) {
	host := i.set.FullHost(entry.Spec.GetHosts()[0], o.name.Namespace)
	for n, port := range entry.Spec.GetPorts() {
		led := slices.ContainsFunc(i.entries, func(e Entry) bool {
			return !e.isHosts() && e.draft.name.Namespace == o.name.Namespace && slices.ContainsFunc(e.model.Services[0].Ports, func(p *egress.Port) bool {
				return p.To != nil && p.To.Destination.Host == host && p.To.Number == int(port.GetNumber())
			})
		})
		if !led {
			i.add(obstacle{o, fmt.Sprintf("spec.ports[%d]", n), byOwnName(host)})
		}
	}
}

func byOwnName(host string) string {
	return fmt.Sprintf("workloads call it as %s, by its own name: no Service leads there, and values declare a host once in a namespace", host)
}

// whyUnsaid tells why values do not say an object; empty for what is no way out.
func (i *importer) whyUnsaid(o *object) string {
	switch o.kind {
	case "Gateway":
		return ofNoEntry
	case "AuthorizationPolicy": // who may call workloads, most of them those of the mesh
		return ""
	}
	if found := i.set.obstacleIn(o, o.name.Namespace, nil); found != nil && !o.whole {
		return found.reason
	}
	if service, ok := o.value.(*corev1.Service); ok && !i.leadsOut(service) {
		return ""
	}
	if sub := i.set.subjectOf(o); sub.service != nil {
		if !i.leadsOut(sub.service) {
			return ""
		}
		return "it is for " + i.set.objectOf(sub.service).String() + ", which is not in the values"
	}
	return i.whyWithoutService(o)
}

// whyWithoutService is for objects of which no Service tells what they are for.
func (i *importer) whyWithoutService(o *object) string {
	switch value := o.value.(type) {
	case *istio.ServiceEntry:
		return byOwnName(value.Spec.GetHosts()[0])
	case *istio.DestinationRule:
		if host := i.set.hostOf(value); inCluster(host) {
			return "its host is a Service that was not given"
		} else if entries := i.set.Entries(host, ""); len(entries) > 0 {
			return "it is for " + i.set.objectOf(entries[0]).String() + ", which is not in the values"
		} else if isWildcard(host) {
			return "it is for all hosts of a wildcard, and values have rules for the hosts of their entries alone"
		}
		return "it is for " + value.Spec.GetHost() + ", to which no Service leads"
	case *istio.VirtualService:
		for _, route := range routesOf(value) {
			for _, to := range route.destinations {
				if i.set.external(i.set.FullHost(to.GetHost(), o.name.Namespace)) {
					return "it routes calls of " + value.Spec.GetHosts()[0] + ", to which no Service leads"
				}
			}
		}
		return ""
	}
	return "its Service was not given"
}
