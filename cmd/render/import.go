package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/istio-egress/istio-egress/lint/manifests"
)

const importLong = `Write the values that do what Kubernetes and Istio objects do: those of files, of folders with what is below them, and
of standard input (-), such as kubectl get -o yaml prints them. Objects without a namespace are in "default".

Each Service that leads out of the mesh becomes an entry, and the hosts of a ServiceEntry to which no Service leads become one of
externalHosts, when the chart's model of the entry does with calls what the objects do, or protects them better, which a comment
says. What is not in the values is listed with the reason, on
standard error and in comments.

Exit status: 0 when values were written, 1 with --strict when they do not say all, 2 when the command could not run.`

const importExample = `  kubectl get services,endpointslices,serviceentries,destinationrules,virtualservices -A -o yaml | render import -
  render import deploy/ > values.yaml
  render import --strict service.yaml serviceentry.yaml`

var errNoImportInput = errors.New("nothing to import: give files, folders, or - for standard input (render import --help)")

func newImportCommand(s streams) *cobra.Command {
	var strict bool
	cmd := &cobra.Command{
		Use:     "import path...",
		Short:   "Write the values that do what objects do",
		Long:    importLong,
		Example: importExample,
		RunE: func(_ *cobra.Command, paths []string) error {
			if len(paths) == 0 {
				return errNoImportInput
			}
			return runImport(s, paths, strict)
		},
	}
	cmd.Flags().BoolVar(&strict, "strict", false, "fail when the values do not say all that the objects do")
	return cmd
}

func runImport(s streams, paths []string, strict bool) error {
	done := s.working("importing", false)
	imported, err := manifests.Import(paths, s.in)
	done()
	if err != nil {
		return err
	}
	if imported.Read.Objects+imported.Read.Others+len(imported.Unsaid) == 0 {
		return fmt.Errorf("%s: no Kubernetes objects in it", strings.Join(paths, ", "))
	}
	if err := imported.WriteValues(s.out); err != nil {
		return err
	}
	if err := imported.WriteRemarks(s.err); err != nil {
		return err
	}
	if strict && !imported.Exact() {
		return exitError(exitRefused)
	}
	return nil
}
