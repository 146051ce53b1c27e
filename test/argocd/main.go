// Command argocd does offline what Argo CD does with an Application: it reads
// the files strictly, expands an ApplicationSet from a checkout, generates
// manifests as the repository server does, and tells what the settings exclude,
// what a project refuses and what shows as OutOfSync. All of it is Argo CD's own
// code; only the network and the cluster are replaced by arguments.
//
// It is a module of its own, because Argo CD compiles with its own replacements
// alone. The tests in ../delivery build and run it.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/sirupsen/logrus"
)

const usage = `usage:
  argocd manifests FILE CHART CHECKOUT   the Applications of FILE (an ApplicationSet is expanded from CHECKOUT), each with
                                         its objects, as JSON; CHART stands for the chart's repository, CHECKOUT for git
  argocd excluded CONFIGMAP              which of the objects (JSON list on standard input) resource.exclusions drops
  argocd refused PROJECT                 what the AppProject refuses of the output of "manifests" on standard input
  argocd changed                         which objects of {"live": [], "target": []} show as OutOfSync`

func main() {
	logrus.SetOutput(os.Stderr)
	logrus.SetLevel(logrus.WarnLevel)
	if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	if len(args) == 0 {
		return errors.New(usage)
	}
	verb, args := args[0], args[1:]
	var result any
	var err error
	switch {
	case verb == "manifests" && len(args) == 3:
		result, err = manifests(ctx, args[0], sources{chart: args[1], checkout: args[2]})
	case verb == "excluded" && len(args) == 1:
		result, err = excluded(ctx, args[0], in)
	case verb == "refused" && len(args) == 1:
		result, err = refused(args[0], in)
	case verb == "changed" && len(args) == 0:
		result, err = changed(in)
	default:
		return errors.New(usage)
	}
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}
