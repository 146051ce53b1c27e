// Command egress-explain tells what a workload's sidecar does with a call, by istiod's own code and without a cluster. Render
// explain executes it.
package main

import (
	"context"
	"os"
	"os/signal"

	_ "github.com/istio-egress/istio-egress/explain/internal/firstheap" // a start takes a third less
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}))
}
