package main

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"strconv"
	"time"

	"github.com/istio-egress/istio-egress/test/internal/helmcommand"
)

// libraryRun is a Go benchmark's result: one render in a program that has
// loaded the chart before.
type libraryRun struct {
	name        string
	wall        time.Duration // of one operation, of each count
	allocations int
}

// The benchmarks of the package library.
const (
	libraryRender  = "Render"
	libraryInstall = "InstallDryRun"
)

const libraryCount = 6

// measureLibrary runs the benchmarks of the package library, as anyone may.
func measureLibrary(ctx context.Context) ([]libraryRun, error) {
	cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-bench", ".", "-benchtime", "200ms",
		"-count", strconv.Itoa(libraryCount), "./bench/library")
	cmd.Dir = helmcommand.Folder()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("run the Go benchmarks: %w\n%s", err, out)
	}
	return parseBenchmarks(out)
}

var benchmarkLine = regexp.MustCompile(`(?m)^Benchmark(\w+)/entries=1(?:-\d+)?\s+\d+\s+([\d.]+) ns/op\s+\d+ B/op\s+(\d+) allocs/op$`)

func parseBenchmarks(out []byte) ([]libraryRun, error) {
	var all []libraryRun
	for _, match := range benchmarkLine.FindAllSubmatch(out, -1) {
		nanoseconds, err := strconv.ParseFloat(string(match[2]), 64)
		if err != nil {
			return nil, err
		}
		allocations, err := strconv.Atoi(string(match[3]))
		if err != nil {
			return nil, err
		}
		all = append(all, libraryRun{string(match[1]), time.Duration(nanoseconds), allocations})
	}
	for _, name := range []string{libraryRender, libraryInstall} {
		if !bytes.Contains(out, []byte("Benchmark"+name+"/entries=1")) {
			return nil, fmt.Errorf("go test ran no benchmark %s:\n%s", name, out)
		}
	}
	return all, nil
}

// libraryRuns returns the runs of one benchmark.
func libraryRuns(all []libraryRun, name string) []libraryRun {
	var of []libraryRun
	for _, run := range all {
		if run.name == name {
			of = append(of, run)
		}
	}
	return of
}
