//go:build e2e

package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

// Main runs the tests of a package on a cluster of their own, for TestMain. It
// stops the cluster when they have ended and when they are interrupted, and
// returns the code to exit with. When start fails it may return what has come
// up so far, to be stopped.
func Main(m *testing.M, start func(context.Context) (*Cluster, error)) int {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	c, err := start(ctx)
	if err != nil {
		if c != nil {
			err = errors.Join(err, c.Stop())
		}
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	result := make(chan int, 1)
	go func() { result <- m.Run() }()
	code := 130
	select {
	case code = <-result:
	case <-ctx.Done():
	}
	if err := c.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}
