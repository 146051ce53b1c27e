// Package server plays the servers outside the mesh. They take every connection that leaves a pod,
// whatever its address and port, and record what arrives: that is what makes "nothing went out in
// plaintext" something to check.
package server

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/database"
	"github.com/istio-egress/istio-egress/test/wire/internal/network"
)

// Speech is what a server speaks on a port.
type Speech string

// What servers speak.
const (
	// HTTP/1.0, HTTP/1.1, HTTP/2, gRPC and WebSocket.
	HTTP Speech = "http"
	// Echo sends back what it gets.
	Echo Speech = "echo"
	// Greeting speaks first, as SMTP does, and then echoes.
	Greeting Speech = "greeting"
)

// database is the protocol of a database that the speech may name as well.
func (s Speech) database() (database.Protocol, bool) {
	protocol, found := database.Protocols[string(s)]
	return protocol, found
}

// greeting is what a server says that speaks first; nothing otherwise.
func (s Speech) greeting() []byte {
	if s == Greeting {
		return []byte(Hello)
	}
	protocol, _ := s.database()
	return protocol.Greeting
}

// Hello is what a server says that speaks first.
const Hello = "220 welcome\r\n"

// Server is a server under some addresses.
type Server struct {
	Name      string
	Addresses []netip.Addr
	Ports     map[uint16]*Port

	mu          sync.Mutex
	down        bool
	certificate *tls.Certificate
	connections map[*connection]bool
}

// Port is a port of a server.
type Port struct {
	Speaks Speech
	// TLS is whether the server expects it.
	TLS bool
	// Clients has the CA of the clients' certificates, which are demanded then.
	Clients *x509.CertPool
}

// SetCertificate changes the certificate for new connections.
func (s *Server) SetCertificate(certificate *tls.Certificate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.certificate = certificate
}

// SetDown ends the server, or starts it again.
func (s *Server) SetDown(down bool) {
	s.mu.Lock()
	s.down = down
	s.mu.Unlock()
	if down {
		s.Disconnect()
	}
}

// IsDown tells whether the server was ended.
func (s *Server) IsDown() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.down
}

// goodbye is how long a client may take to close its side.
const goodbye = 2 * time.Second

// Disconnect closes all connections, and waits until the clients have as well.
func (s *Server) Disconnect() {
	s.mu.Lock()
	var all []*connection
	for c := range s.connections {
		all = append(all, c)
	}
	s.mu.Unlock()
	for _, c := range all {
		_ = c.raw.CloseWrite()
	}
	tooLate := time.After(goodbye)
	for _, c := range all {
		select {
		case <-c.ended:
		case <-tooLate:
			return
		}
	}
}

// Outside is all servers, and the listener before them.
type Outside struct {
	record
	network  *network.Outside
	listener net.Listener
	web      *web
	ctx      context.Context //nolint:containedctx // ends what the listener started
	cancel   context.CancelFunc

	mu      sync.Mutex
	byPlace map[netip.AddrPort]place
	inside  func(netip.AddrPort) (netip.AddrPort, bool)
	pods    map[netip.Addr]string
	serving func() []netip.AddrPort
	servers map[string]*Server
}

type place struct {
	server *Server
	number uint16
	port   *Port
}

// listenPort is where all connections of pods are redirected to.
const listenPort = 15999

// Start starts the listener.
func Start(ctx context.Context, outside *network.Outside) (*Outside, error) {
	listener, err := outside.Listen(ctx, fmt.Sprintf("[::]:%d", listenPort))
	if err != nil {
		return nil, fmt.Errorf("listen for all connections of pods: %w", err)
	}
	o := &Outside{
		network: outside, listener: listener,
		byPlace: map[netip.AddrPort]place{}, servers: map[string]*Server{},
		inside:  func(a netip.AddrPort) (netip.AddrPort, bool) { return a, false },
		serving: func() []netip.AddrPort { return nil },
	}
	o.ctx, o.cancel = context.WithCancel(context.WithoutCancel(ctx))
	o.web = newWeb(o)
	go o.accept()
	return o, o.Redirect()
}

// Close ends all servers.
func (o *Outside) Close() {
	o.cancel()
	_ = o.listener.Close()
	o.web.close()
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, s := range o.servers {
		s.mu.Lock()
		for c := range s.connections {
			_ = c.raw.Close()
		}
		s.mu.Unlock()
	}
}

// Add adds a server.
func (o *Outside) Add(s *Server) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	s.connections = map[*connection]bool{}
	o.servers[s.Name] = s
	for _, address := range s.Addresses {
		for number, port := range s.Ports {
			key := netip.AddrPortFrom(address, number)
			if other, taken := o.byPlace[key]; taken {
				return fmt.Errorf("servers %s and %s are both at %s", other.server.Name, s.Name, key)
			}
			o.byPlace[key] = place{s, number, port}
		}
	}
	return nil
}

// Server returns the server of the name, nil when there is none.
func (o *Outside) Server(name string) *Server {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.servers[name]
}

// SetPods names the pods that have addresses. Connections to them are passed on.
func (o *Outside) SetPods(pods map[netip.Addr]string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.pods = pods
}

// podAt names the pod that has an address; empty for none.
func (o *Outside) podAt(address netip.Addr) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.pods[address]
}

// behind is where a connection ends that was meant to go somewhere: of a cluster IP an endpoint of its Service.
func (o *Outside) behind(target netip.AddrPort) netip.AddrPort {
	o.mu.Lock()
	resolve := o.inside
	o.mu.Unlock()
	if endpoint, found := resolve(target); found {
		return endpoint
	}
	return target
}

// SetServices gives the outside what kube-proxy knows: where a cluster IP leads, and which of them lead anywhere.
func (o *Outside) SetServices(resolve func(netip.AddrPort) (netip.AddrPort, bool), serving func() []netip.AddrPort) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.inside, o.serving = resolve, serving
}

// Redirect puts in force which servers are down, and which cluster IPs lead anywhere.
func (o *Outside) Redirect() error {
	redirection := network.Redirection{Port: listenPort}
	o.mu.Lock()
	redirection.Serving = o.serving()
	for key, place := range o.byPlace {
		if place.server.IsDown() {
			redirection.Down = append(redirection.Down, key)
		}
	}
	o.mu.Unlock()
	return o.network.Redirect(redirection)
}

func (o *Outside) accept() {
	for {
		accepted, err := o.listener.Accept()
		if err != nil {
			if errors.Is(err, net.ErrClosed) {
				return
			}
			continue
		}
		go o.serve(accepted.(*net.TCPConn))
	}
}

func (o *Outside) find(target netip.AddrPort) (place, bool) {
	target = o.behind(target)
	o.mu.Lock()
	defer o.mu.Unlock()
	p, found := o.byPlace[target]
	return p, found
}
