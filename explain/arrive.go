package explain

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	networkingapi "istio.io/api/networking/v1alpha3"

	"github.com/istio-egress/istio-egress/explain/internal/envoy"
	"github.com/istio-egress/istio-egress/explain/internal/istiod"
)

// istiod's names for the clusters of what nothing declares.
const (
	passthroughCluster = "PassthroughCluster"
	blackHoleCluster   = "BlackHoleCluster"
)

// arrive follows a call to a cluster, one of several where a route splits calls.
func (w *walk) arrive(to envoy.WeightedCluster, of int) error {
	switch to.Name {
	case passthroughCluster:
		w.passThrough()
		return nil
	case blackHoleCluster:
		w.Verdict = worst(w.Verdict, Blocked)
		w.Host = ""
		w.step(StageCluster, "nothing declares this destination, and the mesh lets only declared ones out (REGISTRY_ONLY)", to.Name)
		return nil
	}
	target := istiod.TargetOf(to.Name)
	w.named(strings.ToLower(target.Host))
	c, err := w.proxy.Cluster(to.Name)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s port %d", target.Host, target.Port)
	if target.Subset != "" {
		text += ", subset " + target.Subset
	}
	if of > 1 {
		text += fmt.Sprintf(", %d of 100 calls", to.Weight)
	}
	if c == nil {
		w.missing(target, text, to.Name)
		return nil
	}
	sources := w.sources(target)
	w.step(StageCluster, text, to.Name+", "+strings.ToLower(c.GetType().String()), sources...)
	return w.send(c, target, sources)
}

// missing is for a route to a cluster that the proxy does not have.
func (w *walk) missing(target istiod.Target, text, name string) {
	w.Verdict = worst(w.Verdict, NoUpstream)
	w.Host = ""
	why := "nothing that " + w.whom() + " sees declares it (what the cluster has besides is given with --with)"
	if _, known := w.proxy.SourceOf(target.Host); known && target.Subset != "" {
		why = "no DestinationRule that counts for " + w.whom() + " defines the subset"
	} else if known {
		why = "what declares the host does not have the port"
	}
	w.step(StageCluster, fmt.Sprintf("%s does not exist: %s, so that the call is answered with 503 and nothing leaves", text, why), name)
}

// sources are the objects that declare a cluster's host: the Service, or all ServiceEntries of a namespace that have the host
// and the port, as istiod puts their endpoints together.
func (w *walk) sources(target istiod.Target) []Reference {
	aspect := Aspect{Field: FieldPort, Port: target.Port}
	source, known := w.proxy.SourceOf(target.Host)
	if !known {
		return nil
	}
	var items []*item
	if source.Kind == kindServiceEntry {
		for _, it := range w.index.entries(strings.ToLower(target.Host)) {
			if it.namespace == source.Namespace && (it.name == source.Name || hasPort(it, target.Port)) {
				items = append(items, it)
			}
		}
		slices.SortFunc(items, byAge)
	} else if it := w.index.find(source.Kind, source.Namespace, source.Name); it != nil {
		items = append(items, it)
	}
	var by []Reference
	for _, it := range items {
		by = append(by, it.ref(aspect))
	}
	if len(by) > 1 {
		w.warn("manifest-host-twice", "%s is declared by %d ServiceEntries of namespace %s: Istio puts their endpoints together, and calls each in turn",
			target.Host, len(by), source.Namespace)
	}
	return by
}

func hasPort(it *item, number int) bool {
	entry, ok := entryOf(it)
	if !ok {
		return false
	}
	for _, port := range entry.Spec.GetPorts() {
		if int(port.GetNumber()) == number {
			return true
		}
	}
	return false
}

// send tells what leaves for a cluster.
func (w *walk) send(c *cluster.Cluster, target istiod.Target, sources []Reference) error {
	endpoints := w.proxy.Endpoints(c)
	servers := addressesOf(endpoints)
	if c.GetType() == cluster.Cluster_ORIGINAL_DST {
		servers = []string{w.dialled.String()}
	}
	if len(servers) == 0 {
		w.Verdict = worst(w.Verdict, NoUpstream)
		w.Host = ""
		w.step(StageUpstream, "it has no endpoint, so that the call is answered with 503, or the connection closed, and nothing leaves", "")
		return nil
	}
	tls, err := envoy.Upstream(c, endpoints)
	if err != nil {
		return err
	}
	w.warnOfCapture(target)
	if source, known := w.proxy.SourceOf(target.Host); known && w.at == "" {
		if pod := w.gatewayAt(source, servers); pod != nil {
			return w.throughGateway(pod, tls, target)
		}
	}
	w.encrypt(tls, target, servers, w.isOutside(sources))
	for _, server := range servers {
		if !slices.Contains(w.Upstream, server) {
			w.Upstream = append(w.Upstream, server)
		}
	}
	slices.Sort(w.Upstream)
	text := join(servers)
	if w.Host != "" {
		text += "; Host: " + w.Host
	}
	w.step(StageUpstream, text, "", w.endpointObjects(c, target)...)
	return nil
}

// isOutside tells whether what declares a server says that it is not part of the mesh.
func (w *walk) isOutside(sources []Reference) bool {
	if len(sources) == 0 || sources[0].Kind != kindServiceEntry {
		return false
	}
	entry, found := entryOf(w.index.find(kindServiceEntry, sources[0].Namespace, sources[0].Name))
	return !found || entry.Spec.GetLocation() == networkingapi.ServiceEntry_MESH_EXTERNAL
}

// join lists servers that are called in turn.
func join(servers []string) string {
	const most = 5
	if len(servers) > most {
		return fmt.Sprintf("%s and %d more in turn", strings.Join(servers[:most], ", "), len(servers)-most)
	}
	if len(servers) > 1 {
		last := len(servers) - 1
		return strings.Join(servers[:last], ", ") + " and " + servers[last] + " in turn"
	}
	return strings.Join(servers, "")
}

func addressesOf(endpoints []*endpoint.LbEndpoint) []string {
	var all []string
	for _, e := range endpoints {
		address := e.GetEndpoint().GetAddress()
		if a := address.GetSocketAddress(); a != nil {
			all = append(all, net.JoinHostPort(a.GetAddress(), strconv.Itoa(int(a.GetPortValue()))))
		}
		if a := address.GetEnvoyInternalAddress(); a != nil { // a workload of the mesh, behind the waypoint's tunnel
			all = append(all, a.GetEndpointId())
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// endpointObjects are the EndpointSlices behind a cluster; a ServiceEntry has its endpoints itself.
func (w *walk) endpointObjects(c *cluster.Cluster, target istiod.Target) []Reference {
	if c.GetType() != cluster.Cluster_EDS {
		return nil
	}
	source, _ := w.proxy.SourceOf(target.Host)
	if source.Kind != kindService {
		return nil
	}
	var by []Reference
	for _, it := range w.index.slicesOf(serviceHost(source.Name, source.Namespace, w.index.domain)) {
		by = append(by, it.ref(Aspect{Field: FieldAddresses, Port: target.Port}))
	}
	return by
}

// warnOfCapture warns of a TCP port that takes what others call.
func (w *walk) warnOfCapture(target istiod.Target) {
	if w.byPort {
		w.warn("tcp-without-addresses", "every connection to port %d that is not HTTP or known TLS goes there, whatever its host: %s has a TCP port without addresses",
			w.request.port, target.Host)
	}
}
