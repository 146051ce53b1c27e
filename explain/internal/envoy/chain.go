package envoy

import (
	"errors"
	"net/netip"
	"slices"
	"strings"

	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
)

// Why no filter chain takes a connection.
var (
	ErrNoChain       = errors.New("no filter chain matches, so that the connection is closed")
	ErrSeveralChains = errors.New("several filter chains match alike, which Envoy refuses")
)

const (
	tlsInspector  = "envoy.filters.listener.tls_inspector"
	httpInspector = "envoy.filters.listener.http_inspector"
)

// FindChain returns the filter chain of a connection, by Envoy's order of criteria: at each, the closest matches stay; the
// chains without it do where none matches.
func FindChain(l *listener.Listener, c Connection) (*listener.FilterChain, error) {
	seen := inspect(l, c)
	chains := l.GetFilterChains()
	for _, criterion := range criteria {
		chains = closest(chains, func(m *listener.FilterChainMatch) (given bool, rank int) { return criterion(m, c, seen) })
	}
	switch {
	case len(chains) == 1:
		return chains[0], nil
	case len(chains) > 1:
		return nil, ErrSeveralChains
	case l.GetDefaultFilterChain() != nil:
		return l.GetDefaultFilterChain(), nil
	}
	return nil, ErrNoChain
}

// inspection is what listener filters read from the first bytes.
type inspection struct {
	transport, application, serverName string
}

func inspect(l *listener.Listener, c Connection) inspection {
	seen := inspection{transport: "raw_buffer"}
	if c.TLS && inspects(l, tlsInspector, c.Port) {
		return inspection{"tls", c.ALPN, c.ServerName}
	}
	if c.IsHTTP() && inspects(l, httpInspector, c.Port) {
		seen.application = "http/1.1"
		if c.HTTP == 2 {
			seen.application = "h2c"
		}
	}
	return seen
}

// closest keeps the chains of the highest rank, or those without the criterion where none has a rank.
func closest(chains []*listener.FilterChain, rankOf func(*listener.FilterChainMatch) (given bool, rank int)) []*listener.FilterChain {
	best := 0
	var kept, without []*listener.FilterChain
	for _, chain := range chains {
		given, rank := rankOf(chain.GetFilterChainMatch())
		switch {
		case !given:
			without = append(without, chain)
		case rank > best:
			best, kept = rank, []*listener.FilterChain{chain}
		case rank == best && rank > 0:
			kept = append(kept, chain)
		}
	}
	if len(kept) == 0 {
		return without
	}
	return kept
}

// criteria tell whether a chain asks for something, and how closely the connection has it; 0 is not at all. Istio's
// outbound listeners ask for nothing of the source.
var criteria = []func(*listener.FilterChainMatch, Connection, inspection) (given bool, rank int){
	func(m *listener.FilterChainMatch, c Connection, _ inspection) (bool, int) {
		return m.GetDestinationPort() != nil, rankIf(int(m.GetDestinationPort().GetValue()) == c.Port)
	},
	func(m *listener.FilterChainMatch, c Connection, _ inspection) (bool, int) {
		return len(m.GetPrefixRanges()) > 0, addressRank(m, c.Address)
	},
	func(m *listener.FilterChainMatch, _ Connection, seen inspection) (bool, int) {
		return len(m.GetServerNames()) > 0, serverNameRank(m.GetServerNames(), seen.serverName)
	},
	func(m *listener.FilterChainMatch, _ Connection, seen inspection) (bool, int) {
		return m.GetTransportProtocol() != "", rankIf(m.GetTransportProtocol() == seen.transport)
	},
	func(m *listener.FilterChainMatch, _ Connection, seen inspection) (bool, int) {
		return len(m.GetApplicationProtocols()) > 0, rankIf(slices.Contains(m.GetApplicationProtocols(), seen.application))
	},
}

func rankIf(matches bool) int {
	if matches {
		return 1
	}
	return 0
}

func addressRank(m *listener.FilterChainMatch, address netip.Addr) int {
	best := 0
	for _, r := range m.GetPrefixRanges() {
		prefix, err := netip.ParseAddr(r.GetAddressPrefix())
		if err == nil && netip.PrefixFrom(prefix, int(r.GetPrefixLen().GetValue())).Contains(address) {
			best = max(best, int(r.GetPrefixLen().GetValue())+1)
		}
	}
	return best
}

// serverNameRank prefers the name itself, then the longest wildcard.
func serverNameRank(names []string, sent string) int {
	const exact = 1 << 20
	best := 0
	for _, name := range names {
		switch {
		case sent == "":
		case strings.EqualFold(name, sent):
			return exact
		case strings.HasPrefix(name, "*") && strings.HasSuffix(strings.ToLower(sent), strings.ToLower(name[1:])):
			best = max(best, len(name))
		}
	}
	return best
}
