//go:build e2e

package cluster

import (
	"context"
	"fmt"
	"net"
)

// freePorts picks TCP ports of the loopback address that nobody listens on.
func freePorts(ctx context.Context, count int) ([]int, error) {
	ports := make([]int, 0, count)
	var config net.ListenConfig
	for range count {
		// All stay open until the last one is picked, so that no port comes twice.
		listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer func() { _ = listener.Close() }()
		ports = append(ports, listener.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

func loopback(port int) string {
	return fmt.Sprintf("127.0.0.1:%d", port)
}
