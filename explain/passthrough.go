package explain

import (
	"fmt"
	"net"
	"slices"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
)

// passThrough is for a call that leaves the sidecar for the address that the workload dialled.
func (w *walk) passThrough() {
	const undeclared = "nothing that this workload sees declares this destination; it leaves untouched and unverified"
	if w.dialled.service == nil || w.dialled.given {
		w.leave(Passthrough, []string{w.dialled.String()}, undeclared+", for the address that the workload dialled", passthroughCluster)
		return
	}
	w.behindClusterIP(Passthrough, undeclared)
}

// leave ends a way at servers.
func (t *Trace) leave(verdict Verdict, servers []string, text, detail string, by ...Reference) {
	t.Verdict = worst(t.Verdict, verdict)
	for _, server := range servers {
		if !slices.Contains(t.Upstream, server) {
			t.Upstream = append(t.Upstream, server)
		}
	}
	slices.Sort(t.Upstream)
	t.step(StageCluster, text, detail, by...)
}

// behindClusterIP is for a connection to the cluster IP of a Service that no sidecar has rules for: kube-proxy decides.
func (w *walk) behindClusterIP(verdict Verdict, undeclared string) {
	it := w.dialled.service
	b := backendsOf(w.index, it, w.dialled.port)
	switch {
	case len(b.servers) > 0:
		w.leave(verdict, b.servers, fmt.Sprintf("%s, for the cluster IP of %s, which kube-proxy leads to its endpoints", undeclared, it), passthroughCluster, b.by...)
	case b.selector:
		w.leave(verdict, []string{net.JoinHostPort(it.hosts[0], strconv.Itoa(w.dialled.port))},
			fmt.Sprintf("%s, for the cluster IP of %s, which kube-proxy leads to its pods", undeclared, it), passthroughCluster)
	default:
		w.Host = ""
		w.leave(NoUpstream, nil, fmt.Sprintf(
			"this workload sees no route for it, so that it leaves for the cluster IP of %s, and nothing is behind that: the connection is refused", it), passthroughCluster)
	}
}

// backends are what kube-proxy leads the connections of a Service's port to.
type backends struct {
	servers  []string
	by       []Reference
	selector bool // there may be pods that are not known
}

func backendsOf(ix *index, it *item, port int) backends {
	service := it.value.(*corev1.Service)
	b := backends{selector: len(service.Spec.Selector) > 0}
	name, declared := "", false
	for _, p := range service.Spec.Ports {
		if int(p.Port) == port {
			name, declared = p.Name, true
		}
	}
	if !declared {
		b.selector = false
		return b
	}
	for _, slice := range ix.slicesOf(it.hosts[0]) {
		servers := serversOf(slice, name)
		if len(servers) > 0 {
			b.servers = append(b.servers, servers...)
			b.by = append(b.by, slice.ref(Aspect{Field: FieldAddresses, Port: port}))
		}
	}
	slices.Sort(b.servers)
	b.servers = slices.Compact(b.servers)
	return b
}

// serversOf are the ready endpoints of slices with the port of a name.
func serversOf(it *item, portName string) []string {
	var servers []string
	for _, slice := range endpointSlices(it) {
		number := slicePort(slice, portName)
		for _, e := range slice.Endpoints {
			if number == 0 || e.Conditions.Ready != nil && !*e.Conditions.Ready {
				continue
			}
			for _, address := range e.Addresses {
				servers = append(servers, net.JoinHostPort(address, strconv.Itoa(number)))
			}
		}
	}
	return servers
}

func slicePort(slice *discoveryv1.EndpointSlice, name string) int {
	for _, port := range slice.Ports {
		if port.Port != nil && (port.Name == nil && name == "" || port.Name != nil && *port.Name == name) {
			return int(*port.Port)
		}
	}
	return 0
}

// describeService says what a Service's name is in DNS, and of its cluster IP.
func describeService(ix *index, it *item) (text, detail string) {
	service := it.value.(*corev1.Service)
	switch {
	case service.Spec.ClusterIP == corev1.ClusterIPNone:
		return it.hosts[0] + " is a headless Service: its name is its endpoints' addresses", ""
	case it.invented:
		detail = "a cluster IP, assumed"
	default:
		detail = "cluster IP " + service.Spec.ClusterIP
	}
	text = it.hosts[0] + " is a Service"
	if len(ix.slicesOf(it.hosts[0])) == 0 && len(service.Spec.Selector) == 0 {
		text += " without endpoints: a name for a route"
	}
	return text, detail
}
