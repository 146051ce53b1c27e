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
	case isHeadless(it):
		w.behindHeadless(verdict, undeclared, b)
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

// behindHeadless is for a name that has no cluster IP, but the addresses of what is behind it: kube-proxy has no part in the call.
func (w *walk) behindHeadless(verdict Verdict, undeclared string, b backends) {
	it := w.dialled.service
	switch {
	case len(b.servers) > 0:
		w.leave(verdict, b.servers, fmt.Sprintf("%s, for the endpoints of %s", undeclared, it), passthroughCluster, b.by...)
	case b.selector:
		w.leave(verdict, []string{net.JoinHostPort(it.hosts[0], strconv.Itoa(w.dialled.port))}, fmt.Sprintf("%s, for the pods of %s", undeclared, it), passthroughCluster)
	default:
		w.Host = ""
		w.leave(NoUpstream, nil, fmt.Sprintf("nothing is behind %s, so that its name has no address", it), "")
	}
}

func isHeadless(it *item) bool {
	return it.value.(*corev1.Service).Spec.ClusterIP == corev1.ClusterIPNone
}

// backends are what kube-proxy leads the connections of a Service's port to; of a headless Service its endpoints, on any port.
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
	headless := isHeadless(it)
	if !declared && !headless {
		b.selector = false
		return b
	}
	for _, slice := range ix.slicesOf(it.hosts[0]) {
		servers := serversOf(slice, func(s *discoveryv1.EndpointSlice) int {
			if headless {
				return port
			}
			return slicePort(s, name)
		})
		if len(servers) > 0 {
			b.servers = append(b.servers, servers...)
			b.by = append(b.by, slice.ref(Aspect{Field: FieldAddresses, Port: port}))
		}
	}
	slices.Sort(b.servers)
	b.servers = slices.Compact(b.servers)
	return b
}

// serversOf are the ready endpoints of slices, with the port that each has.
func serversOf(it *item, portOf func(*discoveryv1.EndpointSlice) int) []string {
	var servers []string
	for _, slice := range endpointSlices(it) {
		number := portOf(slice)
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
	case isHeadless(it):
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
