package server

import (
	"bufio"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/database"
	"github.com/istio-egress/istio-egress/test/wire/internal/network"
)

// connection is a connection of a pod, whose first bytes may be looked at before they are read.
type connection struct {
	net.Conn
	raw    *net.TCPConn
	reader *bufio.Reader
	ended  chan struct{}
	once   sync.Once
	// seen is what every arrival of the connection has.
	seen Arrival
}

func (c *connection) Read(p []byte) (int, error) {
	n, err := c.reader.Read(p)
	// The HTTP server ends its own reads by a deadline.
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		c.end()
	}
	return n, err
}

func (c *connection) Close() error {
	c.end()
	return c.Conn.Close()
}

func (c *connection) end() { c.once.Do(func() { close(c.ended) }) }

// reset ends the connection as a host does where nobody listens.
func (c *connection) reset() {
	_ = c.raw.SetLinger(0)
	_ = c.Close()
}

// recordType of a TLS handshake: no other protocol begins with this byte.
const recordType = 0x16

// firstBytes are kept of each connection.
const firstBytes = 64

// strangers may take this long to say something where nobody is declared to listen.
const strangers = time.Second

// serve takes a connection to where it was meant to go.
func (o *Outside) serve(raw *net.TCPConn) {
	c := &connection{Conn: raw, raw: raw, reader: bufio.NewReader(raw), ended: make(chan struct{})}
	target, err := network.Original(raw)
	if err != nil {
		c.reset()
		return
	}
	source := netip.MustParseAddrPort(raw.RemoteAddr().String()).Addr().Unmap()
	c.seen = Arrival{Address: target, Source: source, Connection: o.nextConnection(), At: target.String()}
	if endpoint := o.behind(target); o.podAt(endpoint.Addr()) != "" {
		c.seen.At, c.seen.Address = fmt.Sprintf("%s:%d", o.podAt(endpoint.Addr()), endpoint.Port()), endpoint
		o.passOn(c)
		return
	}
	p, found := o.find(target)
	if !found {
		o.serveStranger(c)
		return
	}
	c.seen.At = fmt.Sprintf("%s:%d", p.server.Name, p.number)
	p.server.add(c)
	defer p.server.remove(c)
	o.servePlace(c, p)
}

func (s *Server) add(c *connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connections[c] = true
}

func (s *Server) remove(c *connection) {
	<-c.ended
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.connections, c)
}

// serveStranger records what was sent to where nobody listens.
func (o *Outside) serveStranger(c *connection) {
	defer c.reset()
	_ = c.SetReadDeadline(time.Now().Add(strangers))
	if first, err := c.reader.Peek(1); err == nil {
		if first[0] == recordType {
			c.seen.TLS = &TLS{}
		}
		o.addBytes(c, c.reader)
	}
}

func (o *Outside) servePlace(c *connection, p place) {
	if p.port.Speaks.greeting() != nil && !p.port.TLS {
		o.greet(c, c, p)
		return
	}
	first, err := c.reader.Peek(1)
	if err != nil {
		_ = c.Close()
		return
	}
	switch encrypted := first[0] == recordType; {
	case encrypted && p.port.TLS:
		o.serveTLS(c, p)
	case encrypted:
		// The server does not understand it. It arrived, and nobody else can read it either.
		c.seen.TLS = &TLS{}
		o.addBytes(c, c.reader)
		_ = c.Close()
	case p.port.TLS:
		o.addBytes(c, c.reader)
		_, _ = c.Write([]byte("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\nthis port expects TLS\n"))
		_ = c.Close()
	default:
		o.addBytes(c, c.reader)
		o.speak(c, c, c.reader, p)
	}
}

func (o *Outside) serveTLS(c *connection, p place) {
	state := &TLS{}
	c.seen.TLS = state
	p.server.mu.Lock()
	certificate := p.server.certificate
	p.server.mu.Unlock()
	config := &tls.Config{
		Certificates: []tls.Certificate{*certificate},
		MinVersion:   tls.VersionTLS12,
		GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			state.SNI, state.Offered = hello.ServerName, hello.SupportedProtos
			return nil, nil //nolint:nilnil // means: no other configuration
		},
	}
	if p.port.Speaks == HTTP {
		config.NextProtos = []string{"h2", "http/1.1"}
	}
	if p.port.Clients != nil {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, p.port.Clients
	}
	encrypted := tls.Server(c, config)
	err := encrypted.HandshakeContext(o.ctx)
	if peers := encrypted.ConnectionState().PeerCertificates; len(peers) > 0 {
		state.Client, state.Serial = peers[0].Subject.CommonName, peers[0].SerialNumber.String()
		if len(peers[0].URIs) > 0 {
			state.Client = peers[0].URIs[0].String()
		}
	}
	handshake := c.seen
	handshake.Kind, handshake.Failure = Handshake, err
	o.add(handshake)
	if err != nil {
		_ = c.Close()
		return
	}
	if p.port.Speaks.greeting() != nil {
		o.greet(c, encrypted, p)
		return
	}
	o.speak(c, encrypted, nil, p)
}

// addBytes records the first bytes, and leaves them to be read.
func (o *Outside) addBytes(c *connection, reader *bufio.Reader) {
	n := min(reader.Buffered(), firstBytes)
	first, _ := reader.Peek(max(n, 1))
	arrival := c.seen
	arrival.Kind, arrival.First = Bytes, append([]byte(nil), first...)
	o.add(arrival)
}

// speak serves an open connection. Its first bytes have been recorded if there is a reader.
func (o *Outside) speak(c *connection, open net.Conn, recorded *bufio.Reader, p place) {
	if p.port.Speaks == HTTP {
		o.web.serve(open)
		return
	}
	if protocol, found := p.port.Speaks.database(); found {
		o.query(c, open, protocol, recorded != nil)
		return
	}
	o.echo(c, open, recorded)
}

func (o *Outside) greet(c *connection, open net.Conn, p place) {
	// Whoever connects is told, so the connection is an arrival before the client has said anything.
	greeted := c.seen
	greeted.Kind = Bytes
	o.add(greeted)
	if _, err := open.Write(p.port.Speaks.greeting()); err != nil {
		_ = open.Close()
		return
	}
	o.speak(c, open, nil, p)
}

// query answers the first message of a database's client.
func (o *Outside) query(c *connection, open net.Conn, protocol database.Protocol, recorded bool) {
	defer func() { _ = open.Close() }()
	reader := bufio.NewReader(open)
	if !recorded {
		first, err := reader.Peek(1)
		if err != nil {
			return
		}
		arrival := c.seen
		first, _ = reader.Peek(min(max(reader.Buffered(), len(first)), firstBytes))
		arrival.Kind, arrival.First = Bytes, append([]byte(nil), first...)
		o.add(arrival)
	}
	token, err := protocol.Read(reader)
	if err != nil {
		return
	}
	if _, err := open.Write(protocol.Answer(token)); err == nil {
		_, _ = io.Copy(io.Discard, reader) // until the client ends it
	}
}

func (o *Outside) echo(c *connection, open net.Conn, recorded *bufio.Reader) {
	defer func() { _ = open.Close() }()
	buffer := make([]byte, 4096)
	for told := recorded != nil; ; told = true {
		n, err := open.Read(buffer)
		if n > 0 && !told {
			arrival := c.seen
			arrival.Kind, arrival.First = Bytes, append([]byte(nil), buffer[:min(n, firstBytes)]...)
			o.add(arrival)
		}
		if err != nil {
			return
		}
		if _, err := open.Write(buffer[:n]); err != nil {
			return
		}
	}
}
