package explain

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"

	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	tcp "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/explain/internal/envoy"
	"github.com/istio-egress/istio-egress/explain/internal/istiod"
)

// walk follows a call through one proxy, and writes down what it meets. A second proxy on the way, a gateway or a waypoint,
// is another walk that continues the same trace.
type walk struct {
	*Trace
	index   *index
	proxy   *istiod.Proxy
	request *request
	dialled dialled
	at      string // "gateway" or "waypoint" where it is no sidecar's
	// identified tells that the caller shows its mesh certificate to the proxy.
	identified bool
	byPort     bool // a listener took the connection whatever its address, and reads nothing of it
}

// dialled is what the workload connects to.
type dialled struct {
	answer
	port  int
	given bool // with the call, in place of what DNS says
}

// String is the server as far as it is known: by name where only DNS knows the address.
func (d dialled) String() string {
	host := d.address.String()
	if d.assumed && !d.given {
		host = d.name
	}
	return net.JoinHostPort(host, strconv.Itoa(d.port))
}

// dial resolves the name of a call and tells of it.
func (t *Trace) dial(r resolver, q *request) dialled {
	d := dialled{answer: r.resolve(q.host), port: q.port}
	if q.address != (netip.Addr{}) {
		d.given, d.address = true, q.address
		if it := r.serviceAt(q.address); it != nil {
			d.given, d.assumed, d.service = false, false, it
		}
	}
	t.named(q.names()...)
	var by []Reference
	var text []string
	detail := ""
	alias := q.host
	for _, it := range d.aliases {
		t.named(it.hosts[0])
		alias = it.hosts[0]
		by = append(by, it.ref(Aspect{Field: FieldServer, Port: q.port}))
		t.warnOfSpelling(it)
	}
	t.named(d.name)
	if len(by) > 0 {
		text = append(text, fmt.Sprintf("%s is an alias (CNAME) of %s", alias, d.name))
	}
	if d.service != nil {
		service, ip := describeService(r.index, d.service)
		text, detail = append(text, service), ip
		by = append(by, d.service.ref(Aspect{Port: q.port}))
	}
	if len(text) > 0 {
		t.step(StageName, strings.Join(text, "; "), detail, by...)
	}
	if d.service == nil || d.given {
		t.addressStep(d)
	}
	return d
}

// warnOfSpelling warns of an external name that DNS understands, and Istio does not.
func (t *Trace) warnOfSpelling(alias *item) {
	const text = "%s leads to %q: Istio connects an alias to a host by its exact name; write %q"
	name := alias.value.(*corev1.Service).Spec.ExternalName
	right := strings.ToLower(strings.TrimSuffix(name, "."))
	switch {
	case strings.HasSuffix(name, "."):
		t.warn("external-name-trailing-dot", text, alias, name, right)
	case name != right:
		t.warn("external-name-upper-case", text, alias, name, right)
	}
}

func (t *Trace) addressStep(d dialled) {
	var by []Reference
	if d.entry != nil && !d.given {
		by = append(by, d.entry.ref(Aspect{Field: FieldAddresses, Port: d.port}))
	}
	t.step(StageAddress, d.describe(d.given), d.String(), by...)
}

// run follows the call from the sidecar's listener on.
func (w *walk) run() error { return w.connect(w.request.connection(w.dialled.address)) }

// who is the proxy, for sentences.
func (w *walk) who() string { return cmp.Or(w.at, "sidecar") }

// whom is for whom the proxy's objects count, for sentences.
func (w *walk) whom() string {
	if w.at == atWaypoint {
		return "the waypoint"
	}
	return "this workload"
}

// connect follows a connection from the listener on.
func (w *walk) connect(connection envoy.Connection) error {
	l, match := envoy.FindListener(w.proxy.Listeners, connection)
	if l == nil {
		w.fail(StageListener, "no listener takes it: the "+w.who()+" closes the connection", "")
		return nil
	}
	chain, err := envoy.FindChain(l, connection)
	if err != nil {
		w.fail(StageListener, howTaken(match)+"; "+err.Error(), l.GetName())
		return nil
	}
	terminates := chain.GetTransportSocket() != nil
	if terminates && !connection.TLS {
		w.fail(StageListener, fmt.Sprintf("the %s expects TLS on port %d, and plaintext arrives: the connection fails", w.who(), connection.Port), l.GetName())
		return nil
	}
	return w.take(l, chain, match, connection, w.caller(connection, terminates))
}

// take follows a connection through the filter chain that takes it.
func (w *walk) take(l *listener.Listener, chain *listener.FilterChain, match envoy.Match, connection envoy.Connection, caller envoy.Caller) error {
	access, err := envoy.AccessOfConnection(chain, caller)
	if err != nil {
		return err
	}
	manager := envoy.HTTPManager(chain)
	if manager == nil {
		if !w.mayPass(access) {
			return nil
		}
		return w.bytes(l, chain, match)
	}
	if !w.request.isHTTP() {
		what := map[string]string{"tcp": "bytes that are no HTTP", "https": "TLS", "tls": "TLS"}[w.request.scheme]
		w.fail(StageListener, fmt.Sprintf("%s; the %s expects HTTP in plaintext on port %d, and the workload sends %s: the connection fails",
			howTaken(match), w.who(), connection.Port, what), l.GetName())
		return nil
	}
	w.step(StageListener, fmt.Sprintf("read as HTTP on port %d", connection.Port), l.GetName())
	ofRequest, err := envoy.AccessOfRequest(manager, caller)
	if err != nil {
		return err
	}
	if !w.mayPass(access.And(ofRequest)) {
		return nil
	}
	table := manager.GetRouteConfig()
	if table == nil {
		table = w.proxy.Route(manager.GetRds().GetRouteConfigName())
	}
	return w.requests(table)
}

func howTaken(match envoy.Match) string {
	switch match {
	case envoy.ByAddress:
		return "taken by its address and port"
	case envoy.ByPort:
		return "taken by its port, whatever the address"
	}
	return "no listener is for its address and port: what takes the rest takes it"
}

func (w *walk) fail(stage Stage, text, detail string, by ...Reference) {
	w.Verdict = worst(w.Verdict, Failed)
	w.step(stage, text, detail, by...)
}

// bytes follows a connection of which the proxy reads no requests.
func (w *walk) bytes(l *listener.Listener, chain *listener.FilterChain, match envoy.Match) error {
	proxy := envoy.TCPProxy(chain)
	if proxy == nil {
		w.fail(StageListener, howTaken(match)+"; the "+w.who()+" does nothing with it, and closes the connection", l.GetName())
		return nil
	}
	text := howTaken(match)
	if len(chain.GetFilterChainMatch().GetServerNames()) > 0 {
		text = "taken by its port and the SNI " + w.request.serverName
		if w.at != "" {
			text = "taken by its port and its SNI"
		}
	}
	w.byPort = match == envoy.ByPort && len(chain.GetFilterChainMatch().GetServerNames()) == 0 &&
		len(chain.GetFilterChainMatch().GetPrefixRanges()) == 0
	if match != envoy.ByCatchAll {
		text += ", as bytes"
	}
	w.step(StageListener, text, l.GetName()+", filter chain "+strconv.Quote(chain.GetName()))
	if it := w.routing(chain); it != nil {
		w.step(StageRoute, "by port and protocol, for bytes", "", it.ref(Aspect{Port: w.request.port}))
	}
	clusters := tcpClusters(proxy)
	for _, c := range clusters {
		if err := w.arrive(c, len(clusters)); err != nil {
			return err
		}
	}
	return nil
}

// routing returns the VirtualService that made a filter chain, nil when none did.
func (w *walk) routing(chain *listener.FilterChain) *item {
	kind, namespace, name, ok := envoy.ConfigOf(chain.GetMetadata())
	if !ok || kind != kindVirtualService {
		return nil
	}
	return w.index.find(kind, namespace, name)
}

func tcpClusters(proxy *tcp.TcpProxy) []envoy.WeightedCluster {
	if proxy.GetWeightedClusters() == nil {
		return []envoy.WeightedCluster{{Name: proxy.GetCluster(), Weight: 100}}
	}
	var all []envoy.WeightedCluster
	for _, c := range proxy.GetWeightedClusters().GetClusters() {
		if c.GetWeight() > 0 {
			all = append(all, envoy.WeightedCluster{Name: c.GetName(), Weight: c.GetWeight()})
		}
	}
	return all
}

var errNoTable = errors.New("istiod sent a listener without its route table")

// requests follows an HTTP request through a route table.
func (w *walk) requests(table *route.RouteConfiguration) error {
	if table == nil {
		return errNoTable
	}
	host, domain := envoy.VirtualHost(table, w.request.Authority)
	if host == nil {
		w.fail(StageRoute, fmt.Sprintf("no route is for the Host %s: 404", w.request.Authority), "table "+strconv.Quote(table.GetName()))
		return nil
	}
	detail := fmt.Sprintf("table %q, virtual host %q by domain %q", table.GetName(), host.GetName(), domain)
	r := envoy.FindRoute(host, w.request.Request)
	if r == nil {
		w.fail(StageRoute, fmt.Sprintf("no route of the Host %s is for %s %s with these headers: 404", w.request.Authority, w.request.Method, w.request.Path), detail)
		return nil
	}
	var by []Reference
	if kind, namespace, name, ok := envoy.ConfigOf(r.GetMetadata()); ok {
		if it := w.index.find(kind, namespace, name); it != nil {
			by = append(by, it.ref(Aspect{Port: w.request.port}))
		}
	}
	return w.route(r, detail, by)
}

func (w *walk) route(r *route.Route, detail string, by []Reference) error {
	text := w.routeText(r)
	if own := w.answerOf(r); own != "" {
		w.Verdict = worst(w.Verdict, Failed)
		if r.GetName() == blockAll {
			w.Verdict = Blocked
			own = "nothing declares this Host, and the mesh lets only declared destinations out (REGISTRY_ONLY): " + own
		}
		w.step(StageRoute, own, detail, by...)
		return nil
	}
	w.step(StageRoute, text, detail, by...)
	w.Host = hostSent(w.request, r)
	clusters := envoy.Clusters(r.GetRoute())
	for _, c := range clusters {
		if err := w.arrive(c, len(clusters)); err != nil {
			return err
		}
	}
	return nil
}

// blockAll is istiod's name for the route of what REGISTRY_ONLY keeps in.
const blockAll = "block_all"
