package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/envoy"
	"github.com/istio-egress/istio-egress/test/wire/internal/sandbox"
	"github.com/istio-egress/istio-egress/test/wire/internal/world"
)

var errFailed = errors.New("not all is as expected")

// run runs in the sandbox.
func run(ctx context.Context, o options) error {
	folder, err := sandbox.Enter()
	if err != nil {
		return err
	}
	files, err := cases.ReadFolder(o.cases)
	if err != nil {
		return err
	}
	tools, err := makeTools(ctx, o, folder)
	if err != nil {
		return err
	}
	switch os.Getenv(modeVariable) {
	case soakMode:
		return runSoak(ctx, o, tools, filepath.Join(folder, soakMode))
	case costMode:
		return runCost(ctx, o, tools, filepath.Join(folder, costMode))
	}
	return runCases(ctx, o, tools, folder, files)
}

func makeTools(ctx context.Context, o options, folder string) (world.Tools, error) {
	tools := world.Tools{Examples: o.examples, Envoy: filepath.Join(folder, "envoy")}
	// Nobody but root may look into root's cache.
	program, err := envoy.Fetch(ctx, os.Stderr)
	if err != nil {
		return tools, err
	}
	if err := os.WriteFile(tools.Envoy, nil, 0o755); err != nil {
		return tools, err
	}
	if err := unix.Mount(program, tools.Envoy, "", unix.MS_BIND, ""); err != nil {
		return tools, fmt.Errorf("mount Envoy where its user may start it: %w", err)
	}
	if o.chart == "" {
		tools.Chart, err = render.Load()
	} else {
		tools.Chart, err = render.LoadDir(o.chart)
	}
	if err != nil {
		return tools, err
	}
	tools.Authorities, err = world.NewAuthorities()
	return tools, err
}

func runCases(ctx context.Context, o options, tools world.Tools, folder string, files []*cases.File) error {
	start := time.Now()
	all := jobs(o, files)[os.Getenv(istiodVariable)]
	total := &tally{out: os.Stdout}
	var running sync.WaitGroup
	places := make(chan struct{}, o.parallel)
	for i, j := range all {
		places <- struct{}{}
		running.Go(func() {
			defer func() { <-places }()
			j.run(ctx, o, tools, filepath.Join(folder, fmt.Sprintf("world%d", i)), total)
		})
	}
	running.Wait()
	fmt.Printf("%d calls (%d of them held against egress-explain) in %d cases and %d meshes, %d wrong, %d meshes not made, in %s\n",
		total.calls, total.explained, total.cases, len(all), total.wrong, total.broken, time.Since(start).Round(100*time.Millisecond))
	if ctx.Err() != nil {
		return errors.New("interrupted")
	}
	if total.wrong > 0 || total.broken > 0 {
		return errFailed
	}
	return nil
}

// run makes the world of the job, and runs its cases.
func (j job) run(ctx context.Context, o options, tools world.Tools, folder string, total *tally) {
	if ctx.Err() != nil {
		return
	}
	start := time.Now()
	report := &strings.Builder{}
	defer func() { total.print(report) }()
	broken := func(err error) {
		total.add(func() { total.broken++ })
		fmt.Fprintf(report, "FAIL %s: %v\n", j.name(), err)
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		broken(err)
		return
	}
	w, err := world.New(ctx, tools, folder, j.file, j.variant)
	if err != nil {
		broken(err)
		return
	}
	defer w.Close()
	started := time.Since(start)
	calls, wrong, explained := 0, 0, 0
	for _, each := range j.selected {
		results, err := w.RunCase(ctx, each)
		if err != nil {
			broken(fmt.Errorf("case %q: %w", each.Name, err))
			return
		}
		bad := printCase(report, j, each, results, o.verbose)
		calls, wrong = calls+len(results), wrong+bad
		for _, result := range results {
			if result.Explained {
				explained++
			}
		}
	}
	if o.dump != "" {
		if err := w.Dump(ctx, o.dump, notInNames.ReplaceAllString(j.name(), "-")); err != nil {
			broken(err)
		}
	}
	total.add(func() {
		total.calls, total.cases, total.wrong = total.calls+calls, total.cases+len(j.selected), total.wrong+wrong
		total.explained += explained
	})
	word := "ok  "
	if wrong > 0 {
		word = "FAIL"
	}
	fmt.Fprintf(report, "%s %s: %d calls in %d cases, %s and %s to start\n", word, j.name(), calls, len(j.selected),
		(time.Since(start) - started).Round(10*time.Millisecond), started.Round(10*time.Millisecond))
}

// notInNames is what names of files have none of.
var notInNames = regexp.MustCompile(`[^A-Za-z0-9]+`)

// printCase prints what went wrong, or everything, and returns how many calls went wrong.
func printCase(out io.Writer, j job, each *cases.Case, results []world.Result, verbose bool) int {
	wrong := 0
	for _, result := range results {
		if len(result.Problems) > 0 {
			wrong++
		}
	}
	if wrong > 0 {
		fmt.Fprintf(out, "FAIL %s:%d: %s (%s)\n    shows: %s\n", j.file.Path, each.Line, each.Name, j.variant, strings.TrimSpace(each.Shows))
	} else if verbose {
		fmt.Fprintf(out, "---- %s: %s\n", j.name(), each.Name)
	}
	for _, result := range results {
		if len(result.Problems) > 0 || verbose {
			fmt.Fprint(out, result.Explain())
		}
	}
	return wrong
}

// tally counts, and prints one report at a time.
type tally struct {
	mu                          sync.Mutex
	out                         io.Writer
	calls, cases, wrong, broken int
	explained                   int // calls that were held against egress-explain
}

func (t *tally) add(function func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	function()
}

func (t *tally) print(report *strings.Builder) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprint(t.out, report.String())
}
