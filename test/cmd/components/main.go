// Command components builds what the tests with the tag e2e run, so that its
// progress can be seen: go test holds back what a test prints.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/istio-egress/istio-egress/test/internal/components"
)

func main() {
	if err := build(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func build() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	for _, component := range components.All {
		if _, err := component.Build(ctx); err != nil {
			return err
		}
	}
	return nil
}
