//go:build e2e

package mesh

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"testing"

	matcher "github.com/cncf/xds/go/xds/type/matcher/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	tcpproxy "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/simulation"
	"istio.io/istio/pkg/workloadapi"
)

// waypointProxy is a waypoint: what istiod sends to it, and the listener that all calls of its services arrive at.
type waypointProxy struct {
	*Sidecar
	main *listener.Listener
}

// waypoint generates the configuration that istiod sends to the waypoint of a Service.
func (m *Mesh) waypoint(t *testing.T, at *workloadapi.NamespacedHostname) *waypointProxy {
	t.Helper()
	if known := m.waypoints[at.GetHostname()]; known != nil {
		return known
	}
	name, _, _ := strings.Cut(at.GetHostname(), ".")
	proxy := m.server.SetupProxy(&model.Proxy{
		ID: name + "." + at.GetNamespace(), Type: model.Waypoint, ConfigNamespace: at.GetNamespace(),
		Metadata:    &model.NodeMetadata{Namespace: at.GetNamespace(), ServiceAccount: name, IstioVersion: ProxyVersion},
		Labels:      map[string]string{"gateway.networking.k8s.io/gateway-name": name, "gateway.istio.io/managed": "istio.io-mesh-controller"},
		IPAddresses: []string{waypointIP(at.GetNamespace(), name)},
	})
	config := Config{Listeners: m.server.Listeners(proxy), Clusters: m.server.Clusters(proxy), Endpoints: m.server.Endpoints(proxy)}
	w := &waypointProxy{Sidecar: &Sidecar{Config: config, t: t, namespace: at.GetNamespace(), names: m.names}}
	for _, l := range config.Listeners {
		if l.GetName() == "main_internal" {
			w.main = l
		}
	}
	m.waypoints[at.GetHostname()] = w
	return w
}

// outcomeAt is what the waypoint does with a call of the identity.
func (w *waypointProxy) outcomeAt(call simulation.Call, identity string) Outcome {
	chain := w.chainFor(call)
	if chain == nil {
		return Outcome{Error: fmt.Errorf("the waypoint has no chain for %s:%d", call.Address, call.Port)}
	}
	outcome, err := w.through(chain, call, identity)
	if err != nil {
		return Outcome{Error: err}
	}
	if outcome.Status != 0 {
		return outcome
	}
	c := w.clusterNamed(outcome.Cluster)
	if c == nil {
		return Outcome{Error: fmt.Errorf("the waypoint's route leads to cluster %s, which does not exist", outcome.Cluster)}
	}
	outcome.Rules = append(outcome.Rules, ruleOf(c.GetMetadata())...)
	outcome.TLS = w.tlsOf(c)
	outcome.Upstreams = w.upstreams(c, call)
	if len(outcome.Upstreams) == 0 {
		return Outcome{Error: fmt.Errorf("the waypoint's cluster %s has no endpoints", outcome.Cluster)}
	}
	return outcome
}

// chainFor follows the matcher of the listener, by address and then by port.
func (w *waypointProxy) chainFor(call simulation.Call) *listener.FilterChain {
	packed := w.main.GetFilterChainMatcher().GetMatcherTree().GetCustomMatch().GetTypedConfig()
	byAddress := &matcher.IPMatcher{}
	if packed == nil || packed.UnmarshalTo(byAddress) != nil {
		return nil
	}
	for _, known := range byAddress.GetRangeMatchers() {
		for _, block := range known.GetRanges() {
			prefix := netip.PrefixFrom(netip.MustParseAddr(block.GetAddressPrefix()), int(block.GetPrefixLen().GetValue()))
			if !prefix.Contains(netip.MustParseAddr(call.Address)) {
				continue
			}
			byPort := known.GetOnMatch().GetMatcher().GetMatcherTree().GetExactMatchMap().GetMap()
			name := &wrapperspb.StringValue{}
			if action := byPort[strconv.Itoa(call.Port)].GetAction().GetTypedConfig(); action != nil && action.UnmarshalTo(name) == nil {
				return w.chainNamed(name.GetValue())
			}
		}
	}
	return nil
}

func (w *waypointProxy) chainNamed(name string) *listener.FilterChain {
	for _, chain := range w.main.GetFilterChains() {
		if chain.GetName() == name {
			return chain
		}
	}
	return nil
}

// through runs a call through the filters of a chain, up to the cluster.
func (w *waypointProxy) through(chain *listener.FilterChain, call simulation.Call, identity string) (Outcome, error) {
	for _, filter := range chain.GetFilters() {
		config := filter.GetTypedConfig()
		if denied, err := deniedBy(config, identity); err != nil || denied {
			return Outcome{}, errors.Join(err, errors.New("the waypoint resets the connection: the policy does not let "+identity+" call"))
		}
		proxy, manager := &tcpproxy.TcpProxy{}, &hcm.HttpConnectionManager{}
		switch {
		case config.MessageIs(proxy):
			if err := config.UnmarshalTo(proxy); err != nil {
				return Outcome{}, err
			}
			return Outcome{Cluster: proxy.GetCluster()}, nil
		case config.MessageIs(manager):
			if err := config.UnmarshalTo(manager); err != nil {
				return Outcome{}, err
			}
			return w.request(manager, call, identity)
		}
	}
	return Outcome{}, fmt.Errorf("chain %s leads nowhere", chain.GetName())
}

// request runs an HTTP request through the filters, and finds its route: a waypoint has one virtual host for a service.
func (w *waypointProxy) request(manager *hcm.HttpConnectionManager, call simulation.Call, identity string) (Outcome, error) {
	if call.Protocol == simulation.TCP || call.TLS == simulation.TLS {
		return Outcome{}, errors.New("the waypoint closes the connection: it reads HTTP there")
	}
	for _, filter := range manager.GetHttpFilters() {
		denied, err := deniedBy(filter.GetTypedConfig(), identity)
		if err != nil {
			return Outcome{}, err
		}
		if denied {
			return Outcome{Status: 403}, nil
		}
	}
	for _, host := range manager.GetRouteConfig().GetVirtualHosts() {
		for _, r := range host.GetRoutes() {
			if r.GetMatch().GetPrefix() != "/" {
				continue
			}
			return Outcome{Cluster: r.GetRoute().GetCluster(), Host: hostUpstream(r, call.HostHeader), Rules: ruleOf(r.GetMetadata())}, nil
		}
	}
	return Outcome{Status: 404}, nil
}
