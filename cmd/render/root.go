package main

import (
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/istio-egress/istio-egress/render"
)

const rootLong = `Render the istio-egress chart: print the manifests for the values, as helm template does.

Exit status: 0 when rendered, 1 when the chart refuses the values, 2 when the command could not run.`

const rootExample = `  render -f values.yaml
  render -f values.yaml --set endpointsKind=ServiceEntry -n team-a
  cat values.yaml | render -f - --output-dir manifests`

// newRootCommand builds the command tree. A subcommand is one line here and one file beside this one.
func newRootCommand(s streams) *cobra.Command {
	var o rootOptions
	cmd := &cobra.Command{
		Use:           "render -f values.yaml",
		Short:         "Render the istio-egress chart",
		Long:          rootLong,
		Example:       rootExample,
		Version:       versionFunc,
		Args:          onlyFlags,
		SilenceUsage:  true,
		SilenceErrors: true,
		RunE:          func(*cobra.Command, []string) error { return o.run(s) },
	}
	cmd.SetIn(s.in)
	cmd.SetOut(s.out)
	cmd.SetErr(s.err)
	cmd.SetVersionTemplate("{{" + versionFunc + "}}\n")
	o.input.addFlags(cmd.Flags())
	cmd.Flags().StringArrayVarP(&o.showOnly, "show-only", "s", nil, "show only the manifests of this `template`, such as templates/service.yaml; globs are allowed (can be repeated)")
	cmd.Flags().StringVar(&o.outputDir, "output-dir", "", outputDirUsage)
	cmd.Flags().BoolVar(&o.notes, "notes", false, "print NOTES.txt instead of the manifests")
	cmd.PreRunE = func(*cobra.Command, []string) error { return noManifestsWithNotes.check(cmd.Flags()) }
	cmd.Flags().BoolVarP(&o.quiet, "quiet", "q", false, "print no progress, and with --output-dir no names of files")
	cmd.SetFlagErrorFunc(nearFlag)
	cmd.AddCommand(newLintCommand(s), newReportCommand(s), newDiffCommand(s), newImportCommand(s), newExplainCommand(s), newVersionCommand(s))
	completeFlags(cmd)
	return cmd
}

var noManifestsWithNotes = exclusive{
	flag:   "notes",
	others: []string{"show-only", "output-dir"},
	why:    "--notes prints NOTES.txt and no manifests; leave one of them out",
}

// onlyFlags refuses arguments, and tells those who give a values file as one what to write.
func onlyFlags(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if _, err := os.Stat(args[0]); err == nil {
		return fmt.Errorf("unexpected argument %q: values files are given with -f %s", args[0], args[0])
	}
	return fmt.Errorf("unknown command %q%s", args[0], nearCommand(cmd, args[0]))
}

type rootOptions struct {
	input     input
	showOnly  []string
	outputDir string
	notes     bool
	quiet     bool
}

func (o *rootOptions) run(s streams) error {
	done := s.working("rendering", o.quiet)
	chart, result, err := o.render(s.in)
	done()
	switch {
	case err != nil:
		return err
	case o.notes:
		_, err := io.WriteString(s.out, result.Notes())
		return err
	}
	return o.print(chart.Name(), result, s.out)
}

func (o *rootOptions) render(stdin io.Reader) (*render.Chart, *render.Result, error) {
	chart, values, err := o.input.load(stdin)
	if err != nil {
		return nil, nil, err
	}
	result, err := chart.Render(values, o.input.release)
	if err != nil {
		return nil, nil, explainRefusal(err, o.input.values)
	}
	return chart, result, nil
}

func (o *rootOptions) print(chart string, result *render.Result, out io.Writer) error {
	documents := result.Documents()
	if len(o.showOnly) > 0 {
		var err error
		if documents, err = result.ShowOnly(o.showOnly...); err != nil {
			return err
		}
	}
	switch {
	case o.outputDir != "":
		if o.quiet {
			out = io.Discard
		}
		return writeDir(o.outputDir, o.input.owner(chart), documents, out)
	case len(o.showOnly) > 0:
		return printDocuments(documents, out)
	}
	_, err := result.WriteTo(out)
	return err
}

func printDocuments(documents []render.Document, out io.Writer) error {
	for _, d := range documents {
		if _, err := io.WriteString(out, d.String()); err != nil {
			return err
		}
	}
	return nil
}
