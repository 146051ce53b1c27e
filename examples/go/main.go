// Command egress-tenants renders the external services of many tenants: a list
// of tenants in, one manifest file per tenant out. It changes no cluster unless
// told so with -apply.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"

	"github.com/istio-egress/istio-egress/render"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "egress-tenants:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("egress-tenants", flag.ContinueOnError)
	tenantsFile := flags.String("tenants", "tenants.json", "the list of tenants")
	outputDir := flags.String("output-dir", "", "write <namespace>.yaml files into this directory")
	apply := flags.Bool("apply", false, "apply the objects to the cluster of the current kubeconfig")
	prune := flags.Bool("prune", false, "with -apply: delete what was applied before and is not rendered any more")
	if err := flags.Parse(args); err != nil {
		return err
	}
	tenants, err := readTenants(*tenantsFile)
	if err != nil {
		return err
	}
	results, err := renderAll(ctx, tenants)
	if err != nil {
		return err
	}
	for i, result := range results {
		if _, err := fmt.Fprintf(out, "%s: %d objects\n", tenants[i].Namespace, len(result.Documents())); err != nil {
			return err
		}
	}
	if *outputDir != "" {
		if err := writeAll(*outputDir, tenants, results); err != nil {
			return err
		}
	}
	if *prune && !*apply {
		return errors.New("-prune needs -apply: without it, nothing says what is to stay")
	}
	if *apply {
		return changeCluster(ctx, results, *prune, out)
	}
	return nil
}

// changeCluster applies the objects, and deletes nothing unless all were applied.
func changeCluster(ctx context.Context, results []*render.Result, prune bool, out io.Writer) error {
	cluster, err := connect()
	if err != nil {
		return err
	}
	keep, err := cluster.apply(ctx, results)
	if err != nil || !prune {
		return err
	}
	deleted, err := cluster.prune(ctx, keep)
	for _, key := range deleted {
		if _, err := fmt.Fprintf(out, "deleted %s\n", key); err != nil {
			return err
		}
	}
	return err
}

// renderAll renders all tenants at once, with one chart. What is wrong with one tenant does not hide what is wrong with
// another.
func renderAll(ctx context.Context, tenants []tenant) ([]*render.Result, error) {
	chart, err := render.Load()
	if err != nil {
		return nil, err
	}
	results := make([]*render.Result, len(tenants))
	refused := make([]error, len(tenants))
	var renders sync.WaitGroup
	for i, tenant := range tenants {
		renders.Go(func() {
			var err error
			if results[i], err = tenant.render(ctx, chart); err != nil {
				refused[i] = fmt.Errorf("tenant %s: %w", tenant.Namespace, err)
			}
		})
	}
	renders.Wait()
	return results, errors.Join(refused...)
}
