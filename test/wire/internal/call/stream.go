package call

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"time"

	"github.com/istio-egress/istio-egress/test/wire/internal/server"
)

var noDeadline time.Time

func (c *Caller) tcp(ctx context.Context, call Call) Outcome {
	connection, err := c.dial(ctx, call)
	if err != nil {
		return failed(err)
	}
	defer connection.Close()
	return exchange(connection, call.Token)
}

func (c *Caller) greeting(ctx context.Context, call Call) Outcome {
	connection, err := c.dial(ctx, call)
	if err != nil {
		return failed(err)
	}
	defer connection.Close()
	if greeted := expect(connection, server.Hello); greeted.Saw != Answered {
		return greeted
	}
	return exchange(connection, call.Token)
}

func (c *Caller) tls(ctx context.Context, call Call) Outcome {
	connection, err := c.dial(ctx, call)
	if err != nil {
		return failed(err)
	}
	defer connection.Close()
	encrypted := tls.Client(connection, &tls.Config{RootCAs: c.Roots, ServerName: call.serverName(), MinVersion: tls.VersionTLS12})
	if err := encrypted.HandshakeContext(ctx); err != nil {
		return failed(err)
	}
	return exchange(encrypted, call.Token)
}

// raw sends bytes, and tells what comes back before the connection is closed or nothing more comes.
func (c *Caller) raw(ctx context.Context, call Call) Outcome {
	connection, err := c.dial(ctx, call)
	if err != nil {
		return failed(err)
	}
	defer connection.Close()
	if _, err := io.WriteString(connection, call.Send); err != nil {
		return failed(err)
	}
	answer := make([]byte, 512)
	n, err := connection.Read(answer)
	if n == 0 {
		return failed(err)
	}
	return Outcome{Saw: Answered, Detail: fmt.Sprintf("%q", answer[:n])}
}
