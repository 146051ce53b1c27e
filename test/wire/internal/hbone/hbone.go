// Package hbone speaks the tunnels of ambient mode as ztunnel does towards a waypoint: HTTP/2 CONNECT in the mesh's mutual TLS.
package hbone

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"sync/atomic"
	"time"
)

// Port is where proxies of the mesh take tunnels.
const Port = 15008

// Peer are the certificates of a tunnel: who calls, and who is to answer.
type Peer struct {
	Certificate tls.Certificate
	// Roots are the mesh's, and Identity the SPIFFE ID of the waypoint.
	Roots    *x509.CertPool
	Identity string
}

// config verifies the waypoint by its SPIFFE ID, as proxies of the mesh verify each other.
func (p Peer) config() *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{p.Certificate}, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // verified below: certificates of the mesh have no DNS names
		VerifyConnection: func(state tls.ConnectionState) error {
			leaf := state.PeerCertificates[0]
			_, err := leaf.Verify(x509.VerifyOptions{Roots: p.Roots, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
			if err == nil && (len(leaf.URIs) != 1 || leaf.URIs[0].String() != p.Identity) {
				err = fmt.Errorf("the waypoint is %v, and not %s", leaf.URIs, p.Identity)
			}
			return err
		},
	}
}

// Tunnel opens a tunnel over a connection to a waypoint, for a call of the target, an address and port. It ends with the
// connection that it returns.
func Tunnel(ctx context.Context, over net.Conn, peer Peer, target string) (net.Conn, error) {
	secured := tls.Client(over, peer.config())
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = over.Close()
		return nil, fmt.Errorf("the tunnel's TLS: %w", err)
	}
	transport := &http.Transport{
		Protocols:      new(http.Protocols),
		DialTLSContext: func(context.Context, string, string) (net.Conn, error) { return secured, nil },
	}
	transport.Protocols.SetHTTP2(true)
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer context.AfterFunc(ctx, cancel)() // until the tunnel is open
	reader, writer := io.Pipe()
	request := (&http.Request{
		Method: http.MethodConnect, URL: &url.URL{Scheme: "https", Host: over.RemoteAddr().String()}, Host: target,
		Header: http.Header{}, Body: reader, ContentLength: -1,
	}).WithContext(running)
	response, err := transport.RoundTrip(request) //nolint:bodyclose // the tunnel closes it
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the waypoint answers the tunnel with %s", response.Status)
	}
	if err != nil {
		cancel()
		_ = secured.Close()
		return nil, err
	}
	return &tunnel{Conn: secured, body: response.Body, writer: writer, end: cancel}, nil
}

// tunnel is a stream of a connection as a connection of its own.
type tunnel struct {
	net.Conn // for the addresses
	body     io.ReadCloser
	writer   *io.PipeWriter
	end      context.CancelFunc
	timer    *time.Timer
	late     atomic.Bool
}

func (t *tunnel) Read(p []byte) (int, error) {
	n, err := t.body.Read(p)
	return n, t.reason(err)
}

func (t *tunnel) Write(p []byte) (int, error) {
	n, err := t.writer.Write(p)
	return n, t.reason(err)
}

// reason is a timeout where the deadline ended the stream.
func (t *tunnel) reason(err error) error {
	if err != nil && !errors.Is(err, io.EOF) && t.late.Load() {
		return os.ErrDeadlineExceeded
	}
	return err
}

// CloseWrite tells the other end that nothing more comes.
func (t *tunnel) CloseWrite() error { return t.writer.Close() }

// Close ends the stream, and the connection that is its alone.
func (t *tunnel) Close() error {
	t.end()
	return errors.Join(t.writer.Close(), t.body.Close(), t.Conn.Close())
}

// SetDeadline ends the stream when it is reached; the zero time takes it back.
func (t *tunnel) SetDeadline(at time.Time) error {
	if t.timer != nil {
		t.timer.Stop()
	}
	if at.IsZero() {
		return nil
	}
	t.timer = time.AfterFunc(time.Until(at), func() {
		t.late.Store(true)
		t.end()
	})
	return nil
}

func (t *tunnel) SetReadDeadline(at time.Time) error  { return t.SetDeadline(at) }
func (t *tunnel) SetWriteDeadline(at time.Time) error { return t.SetDeadline(at) }
