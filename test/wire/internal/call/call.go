// Package call makes the calls of workloads, and tells what the workload sees.
package call

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/network"
)

// Protocol is what a workload speaks.
type Protocol string

// The protocols, which are the schemes of the calls' URLs.
const (
	HTTP10    Protocol = "http1.0"
	HTTP      Protocol = "http"
	HTTP2     Protocol = "http2" // without TLS
	GRPC      Protocol = "grpc"
	WebSocket Protocol = "ws"
	HTTPS     Protocol = "https" // the workload's own TLS
	TLS       Protocol = "tls"   // another protocol in the workload's own TLS
	TCP       Protocol = "tcp"
	Greeting  Protocol = "greeting" // a protocol in which the server speaks first
	Connect   Protocol = "connect"  // an HTTP proxy's method
	Raw       Protocol = "raw"      // the bytes of Call.Send
	Mongo     Protocol = "mongo"
	MySQL     Protocol = "mysql"
	Redis     Protocol = "redis"
)

// dialects make the calls.
var dialects = map[Protocol]func(*Caller, context.Context, Call) Outcome{
	HTTP10: (*Caller).httpByHand, HTTP: (*Caller).httpByHand, Connect: (*Caller).httpByHand,
	HTTP2: (*Caller).httpByTransport, HTTPS: (*Caller).httpByTransport,
	GRPC: (*Caller).grpc, WebSocket: (*Caller).webSocket,
	TLS: (*Caller).tls, TCP: (*Caller).tcp, Greeting: (*Caller).greeting, Raw: (*Caller).raw,
	Mongo: (*Caller).database, MySQL: (*Caller).database, Redis: (*Caller).database,
}

// Known tells whether there is such a protocol.
func (p Protocol) Known() bool { return dialects[p] != nil }

// DefaultPort is the port of a URL that names none; 0 where it must.
func (p Protocol) DefaultPort() uint16 {
	switch p {
	case HTTP10, HTTP, HTTP2, GRPC, WebSocket:
		return 80
	case HTTPS, TLS:
		return 443
	default:
		return 0
	}
}

// Call is what a workload does.
type Call struct {
	Protocol Protocol
	// Host is a name, or an address.
	Host string
	Port uint16
	Path string
	// Address is dialled instead of what DNS says.
	Address netip.Addr
	// SNI instead of the host, for the workload's own TLS.
	SNI string
	// HostHeader instead of the host.
	HostHeader string
	Header     map[string]string
	// Send are the bytes of a Raw call, and the target of a Connect.
	Send string
	// Token is sent along, and expected back.
	Token string
	// Timeout of the call; the default is five seconds.
	Timeout time.Duration
}

// Outcome is what the workload sees.
type Outcome struct {
	// Saw is a status of HTTP or gRPC, or one of the words below.
	Saw string
	// ServedBy is the name that the server told.
	ServedBy string
	// Detail is what else is known.
	Detail string
}

// What a workload sees instead of a status.
const (
	Answered    = "answered"
	Refused     = "refused"
	Unreachable = "unreachable"
	Closed      = "closed"
	Timeout     = "timeout"
	NoSuchName  = "no such name"
	Untrusted   = "untrusted" // the server's certificate, by the workload's own TLS
	Garbage     = "another answer"
)

// String is the outcome in one line.
func (o Outcome) String() string {
	text := o.Saw
	if o.ServedBy != "" {
		text += ", served by " + o.ServedBy
	}
	if o.Detail != "" {
		text += " (" + o.Detail + ")"
	}
	return text
}

// Caller is a workload.
type Caller struct {
	// Pod is its network.
	Pod *network.Namespace
	// Namespace is the one of Kubernetes, which decides what short names mean.
	Namespace  string
	Nameserver netip.Addr
	// HasIPv6 and HasIPv4 are the families of the pod.
	HasIPv6, HasIPv4 bool
	// Roots are the CAs that the workload trusts.
	Roots *x509.CertPool
	// Carry connects in place of the pod's network, as ztunnel does; nil without it.
	Carry func(context.Context, netip.AddrPort) (net.Conn, error)
}

// Do makes a call.
func (c *Caller) Do(ctx context.Context, call Call) Outcome {
	if call.Timeout == 0 {
		call.Timeout = 5 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, call.Timeout)
	defer cancel()
	return dialects[call.Protocol](c, ctx, call)
}

// At returns the call with the address that DNS has for it now, so that it needs no lookups.
func (c *Caller) At(ctx context.Context, call Call) (Call, error) {
	addresses, err := c.resolve(ctx, call.Host)
	if err != nil {
		return call, err
	}
	call.Address = addresses[0]
	return call, nil
}

// authority is the host as it stands in a Host header.
func (c Call) authority() string {
	if c.HostHeader != "" {
		return c.HostHeader
	}
	if c.Port == c.Protocol.DefaultPort() {
		return c.Host
	}
	return net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
}

func (c Call) serverName() string {
	if c.SNI != "" {
		return c.SNI
	}
	return c.Host
}

// dial connects to the first address that takes the connection, IPv6 first, as clients do.
func (c *Caller) dial(ctx context.Context, call Call) (connection net.Conn, err error) {
	addresses := []netip.Addr{call.Address}
	if !call.Address.IsValid() {
		if addresses, err = c.resolve(ctx, call.Host); err != nil {
			return nil, err
		}
	}
	for _, address := range addresses {
		connection, err = c.connect(ctx, netip.AddrPortFrom(address, call.Port))
		if err == nil {
			if deadline, ok := ctx.Deadline(); ok {
				_ = connection.SetDeadline(deadline)
			}
			return connection, nil
		}
	}
	return nil, err
}

func (c *Caller) connect(ctx context.Context, address netip.AddrPort) (net.Conn, error) {
	if c.Carry != nil {
		return c.Carry(ctx, address)
	}
	return c.Pod.Dial(ctx, address.String())
}

// failed is the outcome of an error.
func failed(err error) Outcome {
	detail := Outcome{Saw: Closed, Detail: err.Error()}
	var timeout net.Error
	var untrusted x509.UnknownAuthorityError
	var misnamed x509.HostnameError
	switch {
	case errors.Is(err, errNoSuchName):
		detail.Saw = NoSuchName
	case errors.Is(err, syscall.ECONNREFUSED):
		detail.Saw = Refused
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		detail.Saw = Unreachable
	case errors.As(err, &untrusted), errors.As(err, &misnamed):
		detail.Saw = Untrusted
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		detail.Saw = Timeout
	}
	return detail
}

// exchange sends the token on an open connection, and expects it back.
func exchange(open io.ReadWriter, token string) Outcome {
	if _, err := io.WriteString(open, token); err != nil {
		return failed(err)
	}
	return expect(open, token)
}

func expect(open io.Reader, wanted string) Outcome {
	answer := make([]byte, len(wanted))
	n, err := io.ReadFull(open, answer)
	switch {
	case err == nil && string(answer) == wanted:
		return Outcome{Saw: Answered}
	case n > 0:
		return Outcome{Saw: Garbage, Detail: fmt.Sprintf("%q", answer[:n])}
	}
	return failed(err)
}
