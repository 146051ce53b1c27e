// Command helmpath builds the helm that the tests use, where this machine has
// not done so yet, and prints its path:
//
//	$(go run ./test/cmd/helmpath 4) template charts/istio-egress
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"

	"github.com/istio-egress/istio-egress/test/internal/helmcommand"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	path, err := helmPath(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "Error:", err)
		os.Exit(1)
	}
	fmt.Println(path)
}

func helmPath(ctx context.Context, args []string) (string, error) {
	modules := map[string]string{"3": helmcommand.Helm3, "4": helmcommand.Helm4}
	if len(args) == 1 {
		if module, ok := modules[args[0]]; ok {
			return helmcommand.Build(ctx, "helm"+args[0], module)
		}
	}
	return "", fmt.Errorf("usage: helmpath 3|4")
}
