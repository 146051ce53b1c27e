package envoy

import (
	"net/netip"
	"strconv"

	matcher "github.com/cncf/xds/go/xds/type/matcher/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// mainInternal is istiod's name for the listener of a waypoint that calls arrive at, when they are out of their tunnel.
const mainInternal = "main_internal"

// FindWaypointChain returns the filter chain by which a waypoint takes a call, by the address and the port that the workload
// dialled, and by the protocol where the port says none. Nil when there is none.
func FindWaypointChain(all []*listener.Listener, c Connection) (*listener.Listener, *listener.FilterChain) {
	for _, l := range all {
		if l.GetName() != mainInternal {
			continue
		}
		name := chainName(l.GetFilterChainMatcher(), c)
		for _, chain := range l.GetFilterChains() {
			if chain.GetName() == name {
				return l, chain
			}
		}
	}
	return nil, nil
}

// chainName follows the matcher of a waypoint's listener: empty where it leads to no chain of a service.
func chainName(m *matcher.Matcher, c Connection) string {
	byAddress := &matcher.IPMatcher{}
	packed := m.GetMatcherTree().GetCustomMatch().GetTypedConfig()
	if packed == nil || packed.UnmarshalTo(byAddress) != nil {
		return ""
	}
	for _, known := range byAddress.GetRangeMatchers() {
		for _, block := range known.GetRanges() {
			first, err := netip.ParseAddr(block.GetAddressPrefix())
			if err == nil && netip.PrefixFrom(first, int(block.GetPrefixLen().GetValue())).Contains(c.Address) {
				return chainOf(known.GetOnMatch(), strconv.Itoa(c.Port), c)
			}
		}
	}
	return ""
}

// chainOf follows a match by port, and what is behind it by the protocol.
func chainOf(m *matcher.Matcher_OnMatch, key string, c Connection) string {
	if action := m.GetAction().GetTypedConfig(); action != nil {
		name := &wrapperspb.StringValue{}
		if action.UnmarshalTo(name) != nil {
			return ""
		}
		return name.GetValue()
	}
	if m.GetMatcher() == nil {
		return ""
	}
	next, known := m.GetMatcher().GetMatcherTree().GetExactMatchMap().GetMap()[key]
	if !known {
		next = m.GetMatcher().GetOnNoMatch()
	}
	if next == nil {
		return ""
	}
	return chainOf(next, protocolOf(c), c)
}

// protocolOf is what the waypoint reads from the first bytes, as its matcher writes it.
func protocolOf(c Connection) string {
	switch {
	case !c.IsHTTP():
		return ""
	case c.HTTP == 2:
		return "'h2c'"
	}
	return "'http/1.1'"
}
