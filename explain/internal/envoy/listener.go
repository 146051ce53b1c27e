package envoy

import (
	"net/netip"
	"slices"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	tcp "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	"google.golang.org/protobuf/proto"
)

// VirtualOutbound is the listener of all connections that no other takes.
const VirtualOutbound = "virtualOutbound"

// Match is how a listener was found.
type Match int

// The matches, from the closest.
const (
	ByAddress  Match = iota // the listener is bound to the address
	ByPort                  // it takes the port of all addresses
	ByCatchAll              // it takes what no other does
)

// FindListener returns the outbound listener of a connection: that of its address and port, else that of the port for all
// addresses of the family, else the one that takes the rest. Nil when there is none.
func FindListener(all []*listener.Listener, c Connection) (*listener.Listener, Match) {
	var port, rest *listener.Listener
	for _, l := range all {
		if l.GetName() == VirtualOutbound {
			rest = l
			continue
		}
		if l.GetTrafficDirection() != core.TrafficDirection_OUTBOUND {
			continue
		}
		for _, bound := range addresses(l) {
			switch {
			case int(bound.Port()) != c.Port:
			case bound.Addr() == c.Address:
				return l, ByAddress
			case bound.Addr().IsUnspecified() && bound.Addr().Is4() == c.Address.Is4():
				port = l
			}
		}
	}
	if port != nil {
		return port, ByPort
	}
	return rest, ByCatchAll
}

// addresses are all that a listener is bound to.
func addresses(l *listener.Listener) []netip.AddrPort {
	all := []*core.SocketAddress{l.GetAddress().GetSocketAddress()}
	for _, additional := range l.GetAdditionalAddresses() {
		all = append(all, additional.GetAddress().GetSocketAddress())
	}
	var bound []netip.AddrPort
	for _, a := range all {
		if ip, err := netip.ParseAddr(a.GetAddress()); err == nil {
			bound = append(bound, netip.AddrPortFrom(ip, uint16(a.GetPortValue())))
		}
	}
	return bound
}

// inspects tells whether a listener reads the first bytes of connections to a port by the named filter.
func inspects(l *listener.Listener, filter string, port int) bool {
	for _, f := range l.GetListenerFilters() {
		if f.GetName() == filter {
			return f.GetFilterDisabled() == nil || !holds(f.GetFilterDisabled(), port)
		}
	}
	return false
}

// holds tells whether a predicate is true of a port.
func holds(p *listener.ListenerFilterChainMatchPredicate, port int) bool {
	of := func(p *listener.ListenerFilterChainMatchPredicate) bool { return holds(p, port) }
	switch rule := p.GetRule().(type) {
	case *listener.ListenerFilterChainMatchPredicate_AnyMatch:
		return rule.AnyMatch
	case *listener.ListenerFilterChainMatchPredicate_NotMatch:
		return !of(rule.NotMatch)
	case *listener.ListenerFilterChainMatchPredicate_OrMatch:
		return slices.ContainsFunc(rule.OrMatch.GetRules(), of)
	case *listener.ListenerFilterChainMatchPredicate_AndMatch:
		return !slices.ContainsFunc(rule.AndMatch.GetRules(), func(p *listener.ListenerFilterChainMatchPredicate) bool { return !of(p) })
	case *listener.ListenerFilterChainMatchPredicate_DestinationPortRange:
		return int(rule.DestinationPortRange.GetStart()) <= port && port < int(rule.DestinationPortRange.GetEnd())
	}
	return false
}

// HTTPManager returns the filter of a chain that reads requests, nil when there is none.
func HTTPManager(chain *listener.FilterChain) *hcm.HttpConnectionManager {
	manager := &hcm.HttpConnectionManager{}
	if filterOf(chain, manager) {
		return manager
	}
	return nil
}

// TCPProxy returns the filter of a chain that passes bytes on, nil when there is none.
func TCPProxy(chain *listener.FilterChain) *tcp.TcpProxy {
	proxy := &tcp.TcpProxy{}
	if filterOf(chain, proxy) {
		return proxy
	}
	return nil
}

func filterOf(chain *listener.FilterChain, into proto.Message) bool {
	for _, f := range chain.GetFilters() {
		if f.GetTypedConfig().MessageIs(into) {
			return f.GetTypedConfig().UnmarshalTo(into) == nil
		}
	}
	return false
}

// RouteTables names the tables that listeners look requests up in, sorted.
func RouteTables(all []*listener.Listener) []string {
	var names []string
	for _, l := range all {
		for _, chain := range append(slices.Clone(l.GetFilterChains()), l.GetDefaultFilterChain()) {
			if name := HTTPManager(chain).GetRds().GetRouteConfigName(); name != "" {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}
