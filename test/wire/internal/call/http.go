package call

import (
	"bufio"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/gorilla/websocket"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

// httpByHand speaks HTTP/1, byte by byte: Go's client has no HTTP/1.0, and changes what it is given.
func (c *Caller) httpByHand(ctx context.Context, call Call) Outcome {
	line, version := "GET "+call.path(), "HTTP/1.1"
	if call.Protocol == HTTP10 {
		version = "HTTP/1.0"
	}
	if call.Protocol == Connect {
		line = "CONNECT " + call.Send
	}
	head := []string{line + " " + version, "Host: " + call.authority()}
	for name, value := range call.Header {
		head = append(head, name+": "+value)
	}
	return c.connected(ctx, call, func(connection net.Conn) Outcome {
		if _, err := io.WriteString(connection, strings.Join(head, "\r\n")+"\r\n\r\n"); err != nil {
			return failed(err)
		}
		response, err := http.ReadResponse(bufio.NewReader(connection), nil)
		if err != nil {
			return failed(err)
		}
		return responded(response)
	})
}

// Transport makes HTTP calls of a kind on connections that it keeps.
func (c *Caller) Transport(call Call) *http.Transport {
	transport := &http.Transport{
		Protocols: new(http.Protocols),
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return c.dial(ctx, call)
		},
	}
	transport.Protocols.SetUnencryptedHTTP2(call.Protocol == HTTP2)
	transport.Protocols.SetHTTP1(call.Protocol != HTTP2)
	if call.Protocol == HTTPS {
		transport.Protocols.SetHTTP2(true)
		transport.TLSClientConfig = &tls.Config{RootCAs: c.Roots, ServerName: call.serverName(), MinVersion: tls.VersionTLS12}
	}
	return transport
}

// httpByTransport speaks HTTP/2 without TLS, or HTTPS.
func (c *Caller) httpByTransport(ctx context.Context, call Call) Outcome {
	transport := c.Transport(call)
	defer transport.CloseIdleConnections()
	scheme := "http"
	if call.Protocol == HTTPS {
		scheme = "https"
	}
	url := scheme + "://" + net.JoinHostPort(call.Host, strconv.Itoa(int(call.Port))) + call.path()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return failed(err)
	}
	request.Host = call.authority()
	for name, value := range call.Header {
		request.Header.Set(name, value)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return failed(err)
	}
	return responded(response)
}

// path carries the token.
func (c Call) path() string {
	path := c.Path
	if path == "" {
		path = "/"
	}
	return path + "?token=" + c.Token
}

func responded(response *http.Response) Outcome {
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1024))
	outcome := Outcome{Saw: strconv.Itoa(response.StatusCode), ServedBy: response.Header.Get(server.ServedBy)}
	if outcome.ServedBy == "" {
		outcome.Detail = strings.TrimSpace(string(body))
	}
	if err != nil {
		return failed(fmt.Errorf("read the body of an answer with status %s: %w", outcome.Saw, err))
	}
	return outcome
}

func (c *Caller) grpc(ctx context.Context, call Call) Outcome {
	client, err := grpc.NewClient("passthrough:///"+call.Host,
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithAuthority(call.authority()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
			connection, err := c.dial(ctx, call)
			if err == nil {
				err = connection.SetDeadline(noDeadline)
			}
			return connection, err
		}))
	if err != nil {
		return failed(err)
	}
	defer func() { _ = client.Close() }()
	ctx = metadata.AppendToOutgoingContext(ctx, "token", call.Token)
	_, err = healthv1.NewHealthClient(client).Check(ctx, &healthv1.HealthCheckRequest{})
	outcome := Outcome{Saw: status.Code(err).String()}
	if status.Code(err) != codes.OK {
		outcome.Detail = status.Convert(err).Message()
	}
	return outcome
}

func (c *Caller) webSocket(ctx context.Context, call Call) Outcome {
	dialer := websocket.Dialer{NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return c.dial(ctx, call)
	}}
	open, response, err := dialer.DialContext(ctx, "ws://"+call.authority()+call.path(), nil)
	if err != nil {
		if response != nil {
			return responded(response)
		}
		return failed(err)
	}
	defer func() { _ = open.Close() }()
	if err := open.WriteMessage(websocket.TextMessage, []byte(call.Token)); err != nil {
		return failed(err)
	}
	_, answer, err := open.ReadMessage()
	if err != nil {
		return failed(err)
	}
	if string(answer) != call.Token {
		return Outcome{Saw: Garbage, Detail: fmt.Sprintf("%q", answer)}
	}
	return Outcome{Saw: strconv.Itoa(response.StatusCode), ServedBy: response.Header.Get(server.ServedBy)}
}
