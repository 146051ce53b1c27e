package istiod

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"time"

	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"istio.io/istio/pilot/pkg/model"
	istiosecurity "istio.io/istio/pkg/security"
)

// Proxy is istiod's side of the connection to one proxy.
type Proxy struct {
	identity string
	listener net.Listener
	server   *grpc.Server

	mu       sync.Mutex
	sent     map[string]string // nonce by type
	accepted map[string]string
	last     time.Time
	rejected error
}

// Serve serves the configuration of a proxy on a Unix socket. Whoever connects is taken for the
// identity, a SPIFFE ID.
func (s *Server) Serve(socket, identity string) (*Proxy, error) {
	listener, err := net.Listen("unix", socket) //nolint:noctx // binds at once
	if err != nil {
		return nil, fmt.Errorf("serve a proxy: %w", err)
	}
	if err := os.Chmod(socket, 0o666); err != nil {
		return nil, err
	}
	p := &Proxy{identity: identity, listener: listener, sent: map[string]string{}, accepted: map[string]string{}, last: time.Now()}
	p.server = grpc.NewServer(grpc.Creds(identified{}), grpc.StreamInterceptor(p.intercept))
	s.discovery.Register(p.server)
	go func() { _ = p.server.Serve(listener) }()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.proxies = append(s.proxies, p)
	return p, nil
}

// Close ends the connection.
func (p *Proxy) Close() { p.server.Stop() }

// Rejected returns why the proxy does not take its configuration, if it does not.
func (p *Proxy) Rejected() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rejected
}

func (s *Server) all() []*Proxy {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]*Proxy(nil), s.proxies...)
}

// quietTime is how long nothing must have moved before all is taken to be settled.
const quietTime = 100 * time.Millisecond

// nudgeTime is how long to wait before istiod is made to push everything once more.
const nudgeTime = 3 * time.Second

// Settle waits until istiod has taken in all changes, and all proxies have accepted what became of
// them. When many clusters change at once, Envoy may wait for endpoints that istiod has sent it before
// the last change, and istiod sends no others until something changes: then it is asked to.
func (s *Server) Settle(ctx context.Context) error {
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	nudged := time.Now()
	for changed := time.Now(); ; {
		settled, last, err := s.settled()
		if err != nil {
			return err
		}
		if last.After(changed) {
			changed = last
		}
		if settled && time.Since(changed) > quietTime {
			return nil
		}
		if time.Since(nudged) > nudgeTime {
			nudged = time.Now()
			s.discovery.ConfigUpdate(&model.PushRequest{Forced: true, Reason: model.NewReasonStats(model.DebugTrigger)})
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the proxies did not accept their configuration in time: %s", s.pending())
		case <-ticker.C:
		}
	}
}

func (s *Server) settled() (settled bool, last time.Time, err error) {
	settled = s.discovery.CommittedUpdates.Load() >= s.discovery.InboundUpdates.Load()
	for _, p := range s.all() {
		p.mu.Lock()
		for resource, nonce := range p.sent {
			settled = settled && p.accepted[resource] == nonce
		}
		settled = settled && len(p.sent) > 0
		if p.last.After(last) {
			last = p.last
		}
		err = errors.Join(err, p.rejected)
		p.mu.Unlock()
	}
	return settled, last, err
}

// pending says what is waited for.
func (s *Server) pending() string {
	if inbound := s.discovery.InboundUpdates.Load(); s.discovery.CommittedUpdates.Load() < inbound {
		return "istiod has not taken in all changes"
	}
	var waiting []string
	for _, p := range s.all() {
		p.mu.Lock()
		for resource, nonce := range p.sent {
			if p.accepted[resource] != nonce {
				waiting = append(waiting, p.identity+" has not answered to "+resource)
			}
		}
		p.mu.Unlock()
	}
	return strings.Join(append(waiting, "something moves all the time")[:max(len(waiting), 1)], ", ")
}

// intercept follows a stream, and stands in for what the proxy does not have.
func (p *Proxy) intercept(server any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	return handler(server, &followed{ServerStream: stream, proxy: p})
}

type followed struct {
	grpc.ServerStream
	proxy *Proxy
}

// Context tells the authenticator who is connected.
func (f *followed) Context() context.Context {
	return context.WithValue(f.ServerStream.Context(), identityKey{}, f.proxy.identity)
}

func (f *followed) SendMsg(message any) error {
	if response, ok := message.(*discovery.DiscoveryResponse); ok {
		changed, err := standIn(response)
		if err != nil {
			return err
		}
		message = changed
		f.proxy.mu.Lock()
		f.proxy.sent[changed.GetTypeUrl()] = changed.GetNonce()
		f.proxy.last = time.Now()
		f.proxy.mu.Unlock()
	}
	return f.ServerStream.SendMsg(message)
}

func (f *followed) RecvMsg(message any) error {
	if err := f.ServerStream.RecvMsg(message); err != nil {
		return err
	}
	if request, ok := message.(*discovery.DiscoveryRequest); ok {
		f.proxy.received(request)
	}
	return nil
}

func (p *Proxy) received(request *discovery.DiscoveryRequest) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.last = time.Now()
	if request.GetErrorDetail() != nil {
		p.rejected = fmt.Errorf("the proxy rejects %s of istiod: %s", request.GetTypeUrl(), request.GetErrorDetail().GetMessage())
		return
	}
	p.accepted[request.GetTypeUrl()] = request.GetResponseNonce()
	if len(request.GetResourceNames()) == 0 {
		// Nothing of the type is wanted any more, and no answer to it will come.
		if _, wanted := subscribed[request.GetTypeUrl()]; !wanted {
			delete(p.sent, request.GetTypeUrl())
		}
	}
}

// subscribed are the types that a proxy wants all of, without naming them.
var subscribed = map[string]bool{
	"type.googleapis.com/envoy.config.cluster.v3.Cluster":   true,
	"type.googleapis.com/envoy.config.listener.v3.Listener": true,
}

type identityKey struct{}

// authenticator takes a proxy for what its connection was made for.
type authenticator struct{}

func (authenticator) AuthenticatorType() string { return "wire" }

func (authenticator) Authenticate(ctx istiosecurity.AuthContext) (*istiosecurity.Caller, error) {
	identity, _ := ctx.GrpcContext.Value(identityKey{}).(string)
	return &istiosecurity.Caller{Identities: []string{identity}}, nil
}

// identified are the credentials of a connection that istiod takes for one with TLS: it asks for
// nobody's identity else, and gives out no Secrets.
type identified struct{}

func (identified) ServerHandshake(connection net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return connection, credentials.TLSInfo{CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity}}, nil
}

func (identified) ClientHandshake(context.Context, string, net.Conn) (net.Conn, credentials.AuthInfo, error) {
	return nil, nil, errors.New("for servers only")
}

func (identified) Info() credentials.ProtocolInfo {
	return credentials.ProtocolInfo{SecurityProtocol: "wire"}
}
func (i identified) Clone() credentials.TransportCredentials { return i }
func (identified) OverrideServerName(string) error           { return nil }
