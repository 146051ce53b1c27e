package call

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/database"
	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

var noDeadline time.Time

// connected connects, and closes the connection after its use.
func (c *Caller) connected(ctx context.Context, call Call, use func(net.Conn) Outcome) Outcome {
	connection, err := c.dial(ctx, call)
	if err != nil {
		return failed(err)
	}
	defer func() { _ = connection.Close() }()
	return use(connection)
}

func (c *Caller) tcp(ctx context.Context, call Call) Outcome {
	return c.connected(ctx, call, func(connection net.Conn) Outcome { return exchange(connection, call.Token) })
}

func (c *Caller) greeting(ctx context.Context, call Call) Outcome {
	return c.connected(ctx, call, func(connection net.Conn) Outcome {
		if greeted := expect(connection, server.Hello); greeted.Saw != Answered {
			return greeted
		}
		return exchange(connection, call.Token)
	})
}

// database speaks the protocol that the call's is named after.
func (c *Caller) database(ctx context.Context, call Call) Outcome {
	protocol := database.Protocols[string(call.Protocol)]
	return c.connected(ctx, call, func(connection net.Conn) Outcome {
		if greeted := expect(connection, string(protocol.Greeting)); len(protocol.Greeting) > 0 && greeted.Saw != Answered {
			return greeted
		}
		if _, err := connection.Write(protocol.Ask(call.Token)); err != nil {
			return failed(err)
		}
		return expect(connection, string(protocol.Answer(call.Token)))
	})
}

func (c *Caller) tls(ctx context.Context, call Call) Outcome {
	return c.connected(ctx, call, func(connection net.Conn) Outcome {
		encrypted := tls.Client(connection, &tls.Config{RootCAs: c.Roots, ServerName: call.serverName(), MinVersion: tls.VersionTLS12})
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return failed(err)
		}
		return exchange(encrypted, call.Token)
	})
}

// raw sends bytes, and tells what comes back first.
func (c *Caller) raw(ctx context.Context, call Call) Outcome {
	return c.connected(ctx, call, func(connection net.Conn) Outcome {
		if _, err := io.WriteString(connection, call.Send); err != nil {
			return failed(err)
		}
		answer := make([]byte, 512)
		n, err := connection.Read(answer)
		if n == 0 {
			return failed(err)
		}
		return Outcome{Saw: Answered, Detail: fmt.Sprintf("%q", answer[:n])}
	})
}
