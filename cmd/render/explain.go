package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/spf13/cobra"
)

// explainCommand is a program of its own, in a module of its own: istiod's code is in it, three times the size of render.
const explainCommand = "egress-explain"

const explainLong = `Tell what a workload's sidecar does with a call, or in ambient mode ztunnel and the waypoint: where it goes, in which
encryption, who is verified, and which objects and lines of the values are responsible.

Executes ` + explainCommand + ` from the PATH with the same arguments (render explain --help shows its flags). To install it:
  go install ` + explainPackage + `@latest`

const explainExample = `  render explain -f values.yaml --from shop/app=checkout http://risk/score
  render explain -f values.yaml --check values.calls.yaml`

const explainPackage = "github.com/istio-egress/istio-egress/explain/cmd/" + explainCommand

func newExplainCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:                "explain [-f values.yaml] [--with manifests] URL...",
		Short:              "Tell what a sidecar does with a call (executes " + explainCommand + ")",
		Long:               explainLong,
		Example:            explainExample,
		DisableFlagParsing: true, // they are the other program's
		RunE:               func(cmd *cobra.Command, args []string) error { return executeExplain(cmd.Context(), args, s) },
	}
}

// executeExplain runs the program, and ends as it does.
func executeExplain(ctx context.Context, args []string, s streams) error {
	path, err := exec.LookPath(explainCommand)
	if err != nil {
		return fmt.Errorf("%s is not on the PATH: install it with go install %s@latest, or take it from the release's page", explainCommand, explainPackage)
	}
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.in, s.out, s.err
	cmd.Env = os.Environ()
	err = cmd.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exitError(exit.ExitCode())
	}
	return err
}
