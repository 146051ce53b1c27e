package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
	"github.com/istio-egress/istio-egress/test/wire/internal/pod"
	"github.com/istio-egress/istio-egress/test/wire/internal/sandbox"
)

// The exit codes.
const (
	exitFailed = 1 // a call was not as expected
	exitBroken = 2 // the calls could not be made
)

func main() {
	code, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "wire:", err)
		code = exitBroken
		if errors.Is(err, errFailed) {
			code = exitFailed
		}
	}
	os.Exit(code)
}

// start is one of three: the agent of a pod, the run in the sandbox, or the run that starts that one.
func start() (code int, err error) {
	if pod.IsAgent() {
		return 0, pod.RunAgent()
	}
	o, err := parseFlags(os.Args[1:], os.Stderr)
	if err != nil {
		return 0, err
	}
	if sandbox.Inside() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
		defer stop()
		return 0, run(ctx, o)
	}
	files, err := cases.ReadFolder(o.cases)
	if err != nil {
		return 0, err
	}
	groups := jobs(o, files)
	if len(groups) == 0 {
		return 0, fmt.Errorf("no case matches %s", o.only)
	}
	if err := prepare(os.Stderr); err != nil {
		return 0, err
	}
	if o.cost {
		return sandbox.Run(modeVariable + "=" + costMode)
	}
	runs := [][]string{}
	for _, key := range slices.Sorted(maps.Keys(groups)) {
		runs = append(runs, append(strings.Split(key, ","), istiodVariable+"="+key))
	}
	if o.soak > 0 {
		runs = append(runs, []string{modeVariable + "=" + soakMode})
	}
	for _, variables := range runs {
		ended, err := sandbox.Run(variables...)
		if err != nil {
			return 0, err
		}
		code = max(code, ended)
		if ended > exitFailed {
			break // it was interrupted, or the next cannot run either
		}
	}
	return code, nil
}
