package explain

import (
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"istio.io/api/label"
	"istio.io/istio/pilot/pkg/model"
	"k8s.io/apimachinery/pkg/types"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"

	"github.com/istio-egress/istio-egress/explain/internal/envoy"
	"github.com/istio-egress/istio-egress/explain/internal/istiod"
)

// ambientPlane is istiod as ztunnel and waypoints ask it.
type ambientPlane struct {
	plane     *istiod.Plane
	waypoints map[types.NamespacedName]*istiod.Proxy
}

// ambientPlane loads the objects once more: in a mesh with ambient pods, istiod gives addresses to ServiceEntries.
func (m *Mesh) ambientPlane() (*ambientPlane, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if m.ambient != nil {
		return m.ambient, nil
	}
	in := inputOf(m.index, m.options)
	in.AllocateAddresses, in.Ambient = true, true
	gateways, services := waypointsOf(m.index)
	in.Gateways, in.Kubernetes = gateways, withNamespaces(m.index, append(in.Kubernetes, services...))
	plane, err := istiod.Load(in)
	if err != nil {
		return nil, err
	}
	m.ambient = &ambientPlane{plane, map[types.NamespacedName]*istiod.Proxy{}}
	return m.ambient, nil
}

// waypoint returns the proxy of a waypoint, by the namespace and the host of its Service. It is generated once.
func (m *Mesh) waypoint(of types.NamespacedName) (*istiod.Proxy, error) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	if proxy := m.ambient.waypoints[of]; proxy != nil {
		return proxy, nil
	}
	name, _, _ := strings.Cut(of.Name, ".")
	proxy, err := m.ambient.plane.Proxy(istiod.Node{
		Type: model.Waypoint, Namespace: of.Namespace, Serves: of.Name, IPs: []string{"10.244.255.254"},
		Labels: map[string]string{label.IoK8sNetworkingGatewayGatewayName.Name: name, label.GatewayManaged.Name: meshController},
	}, envoy.RouteTables)
	if err == nil {
		m.ambient.waypoints[of] = proxy
	}
	return proxy, err
}

// explainAmbient follows a call of a pod in ambient mode: ztunnel carries it, and a waypoint takes it over where the service is
// bound to one.
func (m *Mesh) explainAmbient(call Call) (*Trace, error) {
	r, err := call.parse()
	if err != nil {
		return nil, err
	}
	ambient, err := m.ambientPlane()
	if err != nil {
		return nil, err
	}
	t := &Trace{Call: call, mesh: m}
	w := &walk{Trace: t, index: m.index, request: r, at: atWaypoint}
	from := call.From
	w.dialled = t.dial(resolver{
		index: m.index, namespace: from.namespace(), ipv6: isIPv6(from.ips()), captured: ambient.plane.Ztunnel.Names(), agent: "ztunnel",
	}, r)
	return t, w.carried(ambient.plane.Ztunnel)
}

// carried follows a call that ztunnel carries.
func (w *walk) carried(z *istiod.Ztunnel) error {
	d, known := z.Destination(w.dialled.address)
	if !known {
		w.unknownToZtunnel(z)
		return nil
	}
	w.named(strings.ToLower(d.Host))
	if d.Waypoint.Name != "" {
		return w.throughWaypoint(d)
	}
	w.withoutWaypoint(z, d)
	return nil
}

// unknownToZtunnel is for a call to an address of no service: ztunnel passes it on.
func (w *walk) unknownToZtunnel(z *istiod.Ztunnel) {
	if z.IsMeshed(w.dialled.address) {
		w.leave(SentMeshMTLS, []string{w.dialled.String()}, "ztunnel carries it to the pod", "")
		w.step(StageEncryption, "the mesh's mutual TLS, by ztunnel", "")
		return
	}
	w.step(StageZtunnel, "no service of the mesh has the address: ztunnel passes the bytes on, whatever outboundTrafficPolicy says", "")
	w.leave(Passthrough, []string{w.dialled.String()}, "it leaves for the address that the workload dialled, untouched and unverified", "")
	w.bare([]string{w.dialled.String()})
}

// withoutWaypoint is for a service that no waypoint serves: ztunnel itself connects to its endpoints, and reads no rules.
func (w *walk) withoutWaypoint(z *istiod.Ztunnel, d istiod.Destination) {
	it := w.index.find(d.Kind, d.Namespace, d.Name)
	bound := ""
	if it != nil {
		bound = w.index.waypointOf(it)
	}
	w.unboundStep(it, bound, d.Unbound)
	backends := z.Backends(d, w.dialled.port)
	switch {
	case len(backends) == 0:
		w.nothingBehind(d)
	case backends[0].Meshed:
		w.leave(SentMeshMTLS, serversOfBackends(backends), "the service's pods, of the mesh", "")
		w.step(StageEncryption, "the mesh's mutual TLS, by ztunnel", "")
	default:
		var by []Reference
		if it != nil {
			by = append(by, it.ref(Aspect{Field: FieldPort, Port: w.request.port}))
		}
		w.leave(w.ownVerdict(), serversOfBackends(backends), fmt.Sprintf("%s port %d", d.Host, w.dialled.port), "", by...)
		w.bare(serversOfBackends(backends))
		if bound != "" && !w.request.sendsTLS() {
			w.warn("ambient-without-waypoint", "%s is bound to the waypoint %s by labels, and Istio does not bind it: nothing originates TLS", it, bound)
		}
	}
}

func serversOfBackends(backends []istiod.Backend) []string {
	servers := make([]string, 0, len(backends))
	for _, b := range backends {
		servers = append(servers, b.Server)
	}
	return servers
}

func (w *walk) nothingBehind(d istiod.Destination) {
	why := "the service has no endpoint"
	if !d.HasPort(w.dialled.port) {
		why = fmt.Sprintf("the service does not have port %d", w.dialled.port)
	}
	w.leave(NoUpstream, nil, why+", so that the connection is closed and nothing leaves", "")
}

// unboundStep says that no waypoint takes the call, and why.
func (w *walk) unboundStep(it *item, bound string, why istiod.Unbound) {
	text := "no waypoint"
	var by []Reference
	if it != nil {
		by = append(by, it.ref(Aspect{Port: w.request.port}))
	}
	if bound != "" {
		text = w.unbound(bound, why)
		if gateway := w.waypointItem(bound); gateway != nil {
			by = append(by, gateway.ref(Aspect{}))
		}
	}
	w.step(StageZtunnel, text+": ztunnel leads the call where the service does, and reads no DestinationRule and no VirtualService", "", by...)
}

// unbound says why a service is not bound to the waypoint that is named for it, with istiod's own reason.
func (w *walk) unbound(waypoint string, why istiod.Unbound) string {
	text := "Istio does not bind it to the waypoint " + waypoint + ", "
	gateway := w.waypointItem(waypoint)
	switch why.Reason {
	case "WaypointIsNotReady":
		if gateway == nil {
			return text + "which is not there [" + why.Reason + "]"
		}
		return text + "which has never been ready: its Gateway has no address [" + why.Reason + "]"
	case "AttachmentDenied":
		return text + "whose allowedRoutes do not let the namespace in [" + why.Reason + "]"
	case "UnsupportedTrafficType":
		return text + "which is not for services, by its label istio.io/waypoint-for [" + why.Reason + "]"
	case "":
		return "a waypoint takes no calls of its own"
	}
	return text + fmt.Sprintf("%s [%s]", why.Message, why.Reason)
}

func (w *walk) waypointItem(named string) *item {
	namespace, name, _ := strings.Cut(named, "/")
	return w.index.find(kindWaypoint, namespace, name)
}

// ownVerdict is of what the workload itself sends.
func (w *walk) ownVerdict() Verdict {
	if w.request.sendsTLS() {
		return SentAsIs
	}
	return SentPlaintext
}

// bare tells of bytes that leave as the workload sends them.
func (w *walk) bare(servers []string) {
	text := "none: the bytes go as the workload sends them"
	switch {
	case w.request.sendsTLS():
		text = "the workload's own TLS, unchanged; the workload verifies the server"
	case w.request.isHTTP():
		text, w.Host = "none: plaintext", w.request.Authority
	}
	w.step(StageEncryption, text, "")
	to443 := func(server string) bool { return strings.HasSuffix(server, ":443") }
	if !w.request.sendsTLS() && slices.ContainsFunc(servers, to443) {
		w.warn("plaintext-to-tls-port", "plaintext to port 443, where servers expect TLS")
	}
	text = join(servers)
	if w.Host != "" {
		text += "; Host: " + w.Host
	}
	w.step(StageUpstream, text, "")
}

// throughWaypoint follows a call that ztunnel carries to a waypoint. What leaves the mesh is what that sends.
func (w *walk) throughWaypoint(d istiod.Destination) error {
	name, _, _ := strings.Cut(d.Waypoint.Name, ".")
	w.Through = d.Waypoint.Namespace + "/" + name
	w.step(StageZtunnel, w.tunnel(), net.JoinHostPort(d.Waypoint.Name, strconv.Itoa(hbonePort)), w.boundBy(d)...)
	if gateway, ok := w.gatewayOfWaypoint(); ok && gateway.Spec.GatewayClassName != waypointClass {
		w.fail(StageZtunnel, fmt.Sprintf("its Gateway is of the class %s, which is no waypoint: the connection fails", gateway.Spec.GatewayClassName), "")
		return nil
	}
	proxy, err := w.mesh.waypoint(d.Waypoint)
	if err != nil {
		return err
	}
	w.proxy, w.identified = proxy, true
	connection := w.request.connection(w.dialled.address)
	l, chain := envoy.FindWaypointChain(proxy.Listeners, connection)
	if chain == nil {
		w.fail(StageListener, fmt.Sprintf("the waypoint knows no port %d of the service: it closes the connection", connection.Port), "")
		return nil
	}
	return w.take(l, chain, envoy.ByAddress, connection, w.caller(connection, true))
}

func (w *walk) gatewayOfWaypoint() (*gatewayv1.Gateway, bool) {
	it := w.waypointItem(w.Through)
	if it == nil {
		return nil, false
	}
	gateway, ok := it.value.(*gatewayv1.Gateway)
	return gateway, ok
}

// tunnel says how the call gets to the waypoint.
func (w *walk) tunnel() string {
	text := "ztunnel carries it to the waypoint " + w.Through + ", in the mesh's mutual TLS (HBONE)"
	if it := w.waypointItem(w.Through); it != nil && it.assumed {
		text += " (assumed to be there, as the values say: it is not among the objects)"
	}
	return text
}

// boundBy are the objects by which a call gets to a waypoint.
func (w *walk) boundBy(d istiod.Destination) []Reference {
	var by []Reference
	if it := w.index.find(d.Kind, d.Namespace, d.Name); it != nil {
		by = append(by, it.ref(Aspect{Port: w.request.port}))
	}
	if it := w.waypointItem(w.Through); it != nil {
		by = append(by, it.ref(Aspect{}))
	}
	return by
}

// isZtunnels tells whether ztunnel's DNS answers for a name of the cluster in place of an alias.
func (r resolver) isZtunnels(fullName string) (netip.Addr, bool) {
	known := r.captured[fullName]
	if r.agent != "ztunnel" || len(known) == 0 {
		return netip.Addr{}, false
	}
	return known[0], true
}
