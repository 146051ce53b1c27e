package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/report"
)

const reportLong = `Print the inventory of what values declare: each external server with the names it is called by, who may call, how the
call is encrypted and verified, and the line that says so. The worst come first.

It says what the proxies of the mesh do with calls of these names, and not what else a pod can do.

Exit status: 0 when reported, 1 when the chart refuses the values, 2 when the command could not run.`

const reportExample = `  render report -f values.yaml
  render report -f base.yaml -f production.yaml -o html > egress.html
  render report --release egress=values.yaml --release team-b/egress=team-b.yaml -o csv
  render report --manifests deploy/`

type reportOptions struct {
	input     input
	format    string
	files     []string // a release each
	releases  []string
	manifests []string
}

func newReportCommand(s streams) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use:     "report [-f values.yaml] [file...]",
		Short:   "Print the inventory of the way out of the mesh",
		Long:    reportLong,
		Example: reportExample,
		RunE: func(_ *cobra.Command, args []string) error {
			o.files = args
			return o.run(s)
		},
	}
	o.input.addFlags(cmd.Flags())
	flags := cmd.Flags()
	flags.StringVarP(&o.format, "output", "o", "md", "output `format`: "+strings.Join(report.Formats(), ", "))
	addReleaseFlag(flags, &o.releases, "report")
	addManifestsFlag(flags, &o.manifests, "report")
	cmd.PreRunE = func(*cobra.Command, []string) error { return noValuesWithReportedManifests.check(flags) }
	return cmd
}

var noValuesWithReportedManifests = exclusive{
	flag:   "manifests",
	others: []string{"release", "values", "set", "set-string", "set-json", "set-file"},
	why:    "--manifests reports hand-written objects, which have no values; run render report once for each",
}

func (o *reportOptions) run(s streams) error {
	if err := report.CheckFormat(o.format); err != nil {
		return err
	}
	done := s.working("reading", false)
	declarations, err := o.declarations(s.in)
	done()
	if err != nil {
		return err
	}
	options := report.Options{Title: o.title(declarations), Version: buildVersion()}
	for _, d := range declarations {
		options.Sources = append(options.Sources, d.Sources...)
		options.Unsaid = append(options.Unsaid, d.Unsaid...)
	}
	for _, line := range options.Unsaid {
		fmt.Fprintf(s.err, "not in the report: %s\n", line)
	}
	return report.Write(o.format, s.out, report.Rows(declarations...), options)
}

func (o *reportOptions) title(declarations []*report.Declaration) string {
	const unnamed = "release-name"
	switch {
	case len(declarations) > 1:
		return "Egress of " + words.Count(len(declarations), "release")
	case len(o.manifests) > 0:
		return "Egress of manifests"
	case declarations[0].Release != "":
		return "Egress of release " + declarations[0].Release
	case o.input.release.ReleaseName != unnamed:
		return "Egress of release " + o.input.release.ReleaseName
	}
	return "Egress"
}

var errNoReportInput = errors.New("nothing to report: use -f values.yaml, --release name=file, --manifests path, or --set (render report --help shows all flags)")

func (o *reportOptions) declarations(stdin io.Reader) ([]*report.Declaration, error) {
	switch {
	case len(o.manifests) > 0 && len(o.files) > 0:
		return nil, errors.New("values files as arguments do not go with --manifests: run render report once for each")
	case len(o.manifests) > 0:
		manifests, err := report.Manifests(o.manifests, stdin)
		return []*report.Declaration{manifests}, err
	case len(o.files)+len(o.releases) == 0 && !o.input.values.Given():
		return nil, errNoReportInput
	}
	set := releaseSet{input: o.input, files: o.files, releases: o.releases}
	return set.declare(stdin)
}
