package server

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/gorilla/websocket"
	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
)

// ServedBy is the header in which a server tells its name.
const ServedBy = "X-Served-By"

// web serves HTTP on connections that were accepted elsewhere: it is the listener of its own server.
type web struct {
	outside *Outside
	server  *http.Server
	grpc    *grpc.Server
	opened  chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

type connectionKey struct{}

func newWeb(o *Outside) *web {
	w := &web{outside: o, opened: make(chan net.Conn), closed: make(chan struct{}), grpc: grpc.NewServer()}
	healthv1.RegisterHealthServer(w.grpc, health.NewServer())
	w.server = &http.Server{ //nolint:gosec // its clients are this program's own
		Handler:   w,
		Protocols: new(http.Protocols),
		ErrorLog:  log.New(io.Discard, "", 0),
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			if encrypted, ok := c.(*tls.Conn); ok {
				c = encrypted.NetConn()
			}
			return context.WithValue(ctx, connectionKey{}, c)
		},
	}
	w.server.Protocols.SetHTTP1(true)
	w.server.Protocols.SetHTTP2(true)
	w.server.Protocols.SetUnencryptedHTTP2(true)
	go func() { _ = w.server.Serve(w) }()
	return w
}

func (w *web) serve(open net.Conn) {
	select {
	case w.opened <- open:
	case <-w.closed:
		_ = open.Close()
	}
}

// Accept returns the next connection.
func (w *web) Accept() (net.Conn, error) {
	select {
	case open := <-w.opened:
		return open, nil
	case <-w.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the listener.
func (w *web) Close() error {
	w.once.Do(func() { close(w.closed) })
	return nil
}

// Addr is nobody's.
func (w *web) Addr() net.Addr { return &net.TCPAddr{} }

func (w *web) close() {
	_ = w.server.Close()
	w.grpc.Stop()
}

// ServeHTTP records the request and answers it.
func (w *web) ServeHTTP(out http.ResponseWriter, in *http.Request) {
	c, ok := in.Context().Value(connectionKey{}).(*connection)
	if !ok {
		out.WriteHeader(http.StatusInternalServerError)
		return
	}
	arrival := c.seen
	arrival.Kind, arrival.Method, arrival.Path, arrival.Host = Request, in.Method, in.URL.RequestURI(), in.Host
	arrival.Protocol, arrival.Header = in.Proto, in.Header.Clone()
	w.outside.add(arrival)
	out.Header().Set(ServedBy, arrival.At)
	switch {
	case in.ProtoMajor == 2 && strings.HasPrefix(in.Header.Get("Content-Type"), "application/grpc"):
		w.grpc.ServeHTTP(out, in)
	case websocket.IsWebSocketUpgrade(in):
		echoMessages(out, in)
	case strings.HasPrefix(in.URL.Path, statusPath):
		status, _ := strconv.Atoi(strings.TrimPrefix(in.URL.Path, statusPath))
		out.WriteHeader(max(status, http.StatusContinue))
	default:
		_, _ = io.Copy(io.Discard, in.Body)
		_, _ = io.WriteString(out, "served by "+arrival.At+"\n")
	}
}

// statusPath is followed by the status that the server is to answer with.
const statusPath = "/status/"

func echoMessages(out http.ResponseWriter, in *http.Request) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	open, err := upgrader.Upgrade(out, in, http.Header{ServedBy: out.Header()[ServedBy]})
	if err != nil {
		return
	}
	defer func() { _ = open.Close() }()
	for {
		kind, message, err := open.ReadMessage()
		if err != nil || open.WriteMessage(kind, message) != nil {
			return
		}
	}
}
