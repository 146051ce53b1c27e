package server

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
)

// Kind is what of a connection an Arrival tells.
type Kind string

// The kinds of arrivals.
const (
	// Handshake is the end of a TLS handshake, whether it succeeded or not. Nothing of the call has arrived by it.
	Handshake Kind = "handshake"
	// Bytes are the first bytes of a connection, without TLS or inside it.
	Bytes Kind = "bytes"
	// Hop is a connection between pods, which nothing but the mesh's own TLS may go through.
	Hop Kind = "hop"
	// Request is an HTTP request. The first bytes of its connection have arrived before.
	Request Kind = "request"
)

// Arrival is something that reached the outside.
type Arrival struct {
	Kind Kind
	// At is the server's name and port; the address where nobody is declared to listen.
	At string
	// Address is where the connection was meant to go.
	Address netip.AddrPort
	// Source is the pod that it came from.
	Source netip.Addr
	// Connection counts connections.
	Connection int
	// TLS is nil for plaintext.
	TLS *TLS
	// Failure of a handshake.
	Failure error
	// First are the first bytes.
	First []byte
	// The rest is of an HTTP request.
	Method, Path, Host, Protocol string
	Header                       http.Header
}

// TLS is what a client said and proved.
type TLS struct {
	SNI string
	// Offered are the protocols that the client offered by ALPN.
	Offered []string
	// Client is the name in the client's certificate, and Serial its number; empty when it showed none.
	Client, Serial string
}

// Plaintext tells whether something could be read on the way.
func (a Arrival) Plaintext() bool { return a.TLS == nil }

// Content tells whether a part of a call arrived at a server, and not just a handshake.
func (a Arrival) Content() bool { return a.Kind != Handshake && a.Kind != Hop }

// Readable tells whether a part of a call could be read on its way.
func (a Arrival) Readable() bool { return a.Kind != Handshake && a.Plaintext() }

// String is the arrival in one line.
func (a Arrival) String() string {
	parts := []string{fmt.Sprintf("%s at %s (%s) from %s, connection %d:", a.Kind, a.At, a.Address, a.Source, a.Connection)}
	if a.TLS == nil {
		parts = append(parts, "PLAINTEXT")
	} else {
		client := "no client certificate"
		if a.TLS.Client != "" {
			client = "client certificate " + a.TLS.Client
		}
		parts = append(parts, fmt.Sprintf("TLS, sni %q, alpn %s, %s", a.TLS.SNI, strings.Join(a.TLS.Offered, ","), client))
	}
	switch {
	case a.Failure != nil:
		parts = append(parts, "FAILED: "+a.Failure.Error())
	case a.Kind == Request:
		parts = append(parts, fmt.Sprintf("%s %s %s, host %s, headers %s", a.Method, a.Path, a.Protocol, a.Host, headerNames(a.Header)))
	case len(a.First) > 0:
		parts = append(parts, fmt.Sprintf("%q", a.First))
	}
	return strings.Join(parts, " ")
}

func headerNames(header http.Header) string {
	names := make([]string, 0, len(header))
	for name := range header {
		names = append(names, strings.ToLower(name))
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

// record keeps arrivals in their order.
type record struct {
	mu          sync.Mutex
	arrivals    []Arrival
	connections int
}

func (r *record) add(a Arrival) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.arrivals = append(r.arrivals, a)
}

func (r *record) nextConnection() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.connections++
	return r.connections
}

// Mark is a point in the order of arrivals.
func (r *record) Mark() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.arrivals)
}

// Since returns what arrived after the mark.
func (r *record) Since(mark int) []Arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.arrivals[mark:])
}

// Drain returns all arrivals and forgets them, for runs that are too long to keep them.
func (r *record) Drain() []Arrival {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.arrivals
	r.arrivals = nil
	return all
}
