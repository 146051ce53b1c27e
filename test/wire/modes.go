package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/cost"
	"github.com/istio-egress/istio-egress/test/wire/internal/soak"
	"github.com/istio-egress/istio-egress/test/wire/internal/world"
)

// modeVariable tells the run in the sandbox what to do instead of the cases. Each mode has a file beside
// the folder of the cases.
const (
	modeVariable = "ISTIO_EGRESS_WIRE_MODE"
	soakMode     = "soak"
	costMode     = "cost"
)

// makeWorld makes the world of a mode's file.
func makeWorld(ctx context.Context, o options, tools world.Tools, folder, mode string) (*world.World, *cases.File, error) {
	file, err := cases.Read(filepath.Join(filepath.Dir(filepath.Clean(o.cases)), mode+".yaml"))
	if err != nil {
		return nil, nil, err
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return nil, nil, err
	}
	w, err := world.New(ctx, tools, folder, file, file.Variants()[0])
	return w, file, err
}

func runSoak(ctx context.Context, o options, tools world.Tools, folder string) error {
	w, file, err := makeWorld(ctx, o, tools, folder, soakMode)
	if err != nil {
		return err
	}
	defer w.Close()
	s, err := soak.New(w, file)
	if err != nil {
		return err
	}
	fmt.Printf("calls for %s while everything changes\n", o.soak)
	if err := s.Run(ctx, o.soak, os.Stdout); err != nil {
		return fmt.Errorf("%w: %w", errFailed, err)
	}
	return nil
}

func runCost(ctx context.Context, o options, tools world.Tools, folder string) error {
	w, file, err := makeWorld(ctx, o, tools, folder, costMode)
	if err != nil {
		return err
	}
	defer w.Close()
	report, err := cost.Measure(ctx, w, file, o.rounds, os.Stderr)
	if err != nil {
		return err
	}
	fmt.Print(report)
	if o.write == "" {
		return nil
	}
	return cost.Write(o.write, report)
}
