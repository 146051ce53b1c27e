package explain

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	networkingapi "istio.io/api/networking/v1alpha3"
	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	"istio.io/istio/pilot/pkg/model"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/explain/internal/envoy"
	"github.com/istio-egress/istio-egress/explain/internal/istiod"
)

// The proxies of other pods than the workload's.
const (
	atGateway  = "gateway"
	atWaypoint = "waypoint"
)

// gatewayPod is a pod of an egress gateway, at which a call arrives.
type gatewayPod struct {
	service *item
	labels  map[string]string
	address netip.Addr
	port    int // of the pod
}

// gatewayAt returns the egress gateway that servers are pods of: those of a Service whose labels a Gateway selects. A server may
// be the Service by its name too, as that of a ServiceEntry is. Nil for other servers.
func (w *walk) gatewayAt(source istiod.Source, servers []string) *gatewayPod {
	service, servers := w.index.podsAt(source, servers)
	if service == nil || len(servers) == 0 {
		return nil
	}
	at, err := netip.ParseAddrPort(servers[0])
	if err != nil { // a name, which only DNS knows
		return nil
	}
	pod := &gatewayPod{
		service: service, labels: w.index.labelsOf(service, at.Addr().String()), address: at.Addr(), port: int(at.Port()),
	}
	if len(w.index.gatewaysFor(pod.labels)) == 0 {
		return nil
	}
	return pod
}

// podsAt returns the Service that servers are of, and its pods, host:port: the servers themselves, or what the Service leads to
// where its name is the first server. The Service is nil for other servers.
func (ix *index) podsAt(source istiod.Source, servers []string) (service *item, pods []string) {
	if source.Kind == kindService {
		return ix.find(kindService, source.Namespace, source.Name), servers
	}
	host, port, _ := net.SplitHostPort(servers[0]) // of addressesOf
	if service = ix.services[host]; service == nil {
		return nil, nil
	}
	number, _ := strconv.Atoi(port)
	return service, backendsOf(ix, service, number).servers
}

// labelsOf are those of a Service's pod with an address, or what the Service selects where the pod is not known.
func (ix *index) labelsOf(service *item, address string) map[string]string {
	for _, it := range ix.items {
		if pod, ok := it.value.(*corev1.Pod); ok && it.namespace == service.namespace && pod.Status.PodIP == address {
			return pod.Labels
		}
	}
	return service.value.(*corev1.Service).Spec.Selector
}

// gatewaysFor are the Gateways that select pods by their labels.
func (ix *index) gatewaysFor(labels map[string]string) []*item {
	var found []*item
	for _, it := range ix.items {
		gateway, ok := it.value.(*networkingv1.Gateway)
		if ok && len(gateway.Spec.GetSelector()) > 0 && isSubset(gateway.Spec.GetSelector(), labels) {
			found = append(found, it)
		}
	}
	return found
}

func isSubset(selector, labels map[string]string) bool {
	for key, value := range selector {
		if labels[key] != value {
			return false
		}
	}
	return true
}

// isServerFor tells whether a Gateway has a server for one of the names by which it tells calls apart.
func isServerFor(gateway *networkingv1.Gateway, names ...string) bool {
	for _, server := range gateway.Spec.GetServers() {
		for _, host := range server.GetHosts() {
			_, name, inNamespace := strings.Cut(host, "/")
			if !inNamespace {
				name = host
			}
			if slices.ContainsFunc(names, func(n string) bool { return n != "" && covers(strings.ToLower(name), strings.ToLower(n)) }) {
				return true
			}
		}
	}
	return false
}

// gateway returns the proxy of a gateway's pod. It is generated once.
func (m *Mesh) gateway(pod *gatewayPod) (*istiod.Proxy, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	key := pod.service.String() + " " + pod.address.String()
	if proxy := m.gateways[key]; proxy != nil {
		return proxy, nil
	}
	proxy, err := m.plane.Proxy(istiod.Node{
		Type: model.Router, Namespace: pod.service.namespace, Labels: pod.labels, IPs: []string{pod.address.String()},
	}, envoy.RouteTables)
	if err == nil {
		m.gateways[key] = proxy
	}
	return proxy, err
}

// throughGateway follows a call that arrives at a gateway. What leaves the mesh is what the gateway sends.
func (w *walk) throughGateway(pod *gatewayPod, tls *envoy.TLS, target istiod.Target) error {
	w.hop(tls, target)
	proxy, err := w.mesh.gateway(pod)
	if err != nil {
		return err
	}
	request := *w.request
	if request.isHTTP() && w.Host != "" { // none where the sidecar passes bytes on
		request.Authority = w.Host
	}
	next := &walk{
		Trace: w.Trace, index: w.index, proxy: proxy, request: &request, at: atGateway,
		dialled: dialled{answer: answer{name: pod.service.hosts[0], address: pod.address}, port: pod.port, given: true},
	}
	connection := envoy.Connection{Address: pod.address, Port: pod.port, HTTP: request.connection(pod.address).HTTP}
	if tls != nil {
		connection.TLS, connection.ServerName, connection.ALPN, connection.HTTP = true, tls.SNI, "istio", 0
	}
	next.identified = tls != nil && tls.Certificate == meshCertificate
	w.named(request.Authority, connection.ServerName)
	w.Through = pod.service.namespace + "/" + pod.service.name
	by := []Reference{pod.service.ref(Aspect{})}
	for _, it := range w.index.gatewaysFor(pod.labels) {
		if isServerFor(it.value.(*networkingv1.Gateway), request.Authority, connection.ServerName) {
			by = append(by, it.ref(Aspect{}))
		}
	}
	w.step(StageGateway, next.arrival(pod, connection), net.JoinHostPort(pod.address.String(), strconv.Itoa(pod.port)), by...)
	err = next.connect(connection)
	next.tellUnfollowed(pod.service.namespace, pod.labels, networkingapi.EnvoyFilter_GATEWAY)
	return err
}

// hop tells how a call gets to the gateway.
func (w *walk) hop(tls *envoy.TLS, target istiod.Target) {
	var by []Reference
	for _, it := range w.rules(target) {
		by = append(by, it.ref(Aspect{Field: FieldTLS, Port: w.request.port}))
	}
	switch {
	case tls == nil:
		w.warn("manifest-gateway-plaintext", "the call gets to the gateway in plaintext, and without the caller's identity")
		w.step(StageEncryption, "none on the way to the gateway: plaintext", "", by...)
	case tls.Certificate == meshCertificate:
		w.step(StageEncryption, "the mesh's mutual TLS to the gateway, by the sidecar", "", by...)
	default:
		w.step(StageEncryption, w.describeTLS(SentTLS, tls), "", by...)
	}
}

// arrival says by what the gateway tells the call from others.
func (w *walk) arrival(pod *gatewayPod, c envoy.Connection) string {
	text := fmt.Sprintf("%s/%s takes it over", pod.service.namespace, pod.service.name)
	if pod.service.assumed {
		text += " (assumed to be there, as the values say: it is not among the objects)"
	}
	switch {
	case w.request.isHTTP():
		text += ", by the Host " + w.request.Authority
	case c.ServerName != "":
		text += ", by the SNI " + c.ServerName
	}
	return text
}

// mayPass tells whether the gateway lets a caller in, and by which policies.
func (w *walk) mayPass(access envoy.Access) bool {
	if w.at == "" || !access.Denied && len(access.By) == 0 {
		return true
	}
	var by []Reference
	for _, policy := range access.By {
		if it := w.index.find(kindAuthorizationPolicy, policy.Namespace, policy.Name); it != nil {
			ref := it.ref(Aspect{Field: FieldCallers, Port: w.request.port})
			if !slices.Contains(by, ref) {
				by = append(by, ref)
			}
		}
	}
	caller := w.Call.From.account()
	if !w.identified {
		caller = "a caller without a mesh identity"
	}
	if !access.Denied {
		w.step(StageAccess, "who may call is limited, and "+caller+" is let in", "", by...)
		return true
	}
	w.Verdict, w.Host = worst(w.Verdict, Denied), ""
	w.step(StageAccess, caller+" is turned away, and nothing leaves", "", by...)
	return false
}

// caller is what rules of access see.
func (w *walk) caller(c envoy.Connection, terminates bool) envoy.Caller {
	address, _ := netip.ParseAddr(w.Call.From.ips()[0])
	caller := envoy.Caller{Address: address, Connection: c}
	if w.identified && terminates {
		caller.Principal = w.Call.From.principal(w.mesh.options.MeshConfig.GetTrustDomain())
	}
	if w.request.isHTTP() {
		caller.Request = &w.request.Request
	}
	return caller
}
