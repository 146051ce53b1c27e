package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/catalogue"
	"github.com/istio-egress/istio-egress/lint/manifests"
	"github.com/istio-egress/istio-egress/lint/output"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

const lintLong = `Find every problem of the values in one run, with file, line and column: what the chart refuses, and warnings.

Files given with -f merge, as helm merges them. Files given as arguments are linted each by itself, and so are the values
files below folders. With --release-pattern, all files that match are releases, and linted against each other.

Settings can stand in .istio-egress.yaml of the working directory; flags win.

Exit status: 0 when there are no errors, 1 when there are (with --strict: or warnings), 2 when linting could not run.

A warning is silenced by --disable ID, or by a comment in the values file, on the line or above the entry:
  # lint:ignore ID reason`

const lintExample = `  render lint -f values.yaml
  render lint -f base.yaml -f production.yaml --strict
  render lint --release egress=values.yaml --release team-b/egress=team-b.yaml
  render lint --release-pattern 'egress/*/{namespace}/values.yaml'
  render lint -f parent-values.yaml --key payments
  render lint --manifests deploy/ --format text --format sarif=lint.sarif
  render lint --explain credential-name-selector`

type lintOptions struct {
	input     input
	lint      lint.Options
	formats   []string // format, or format=file
	quiet     bool
	strict    bool
	explain   string
	files     []string // each linted by itself
	keys      []string
	pattern   string
	releases  []string
	manifests []string
}

func newLintCommand(s streams) *cobra.Command {
	var o lintOptions
	cmd := &cobra.Command{
		Use:     "lint [-f values.yaml] [file or folder...]",
		Short:   "Find what is wrong with values, before the cluster does",
		Long:    lintLong,
		Example: lintExample,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.files = args
			if err := o.readConfig(cmd.Flags()); err != nil {
				return err
			}
			return o.run(s)
		},
	}
	o.input.addFlags(cmd.Flags())
	flags := cmd.Flags()
	flags.StringArrayVar(&o.formats, "format", []string{"text"}, "output `format`: "+strings.Join(output.Formats(), ", ")+"; format=file writes to a file (can be repeated)")
	flags.BoolVarP(&o.quiet, "quiet", "q", false, "print findings alone, and no summary")
	flags.BoolVar(&o.strict, "strict", false, "fail on warnings too")
	flags.BoolVar(&o.lint.ArgoCD, "argocd", false, "Argo CD applies the chart: endpoints that it leaves out are errors")
	flags.BoolVar(&o.lint.DNSCapture, "dns-capture", false, "the mesh's sidecars capture DNS: with --manifests, hosts without addresses have addresses of their own")
	flags.StringVar(&o.lint.Istio, "istio", "", "the `version` of the oldest mesh, such as 1.31: fields that it lacks are warned of (default: the oldest that is supported)")
	flags.StringSliceVar(&o.lint.Disable, "disable", nil, "leave out findings with this `id` (can be repeated)")
	flags.StringVar(&o.explain, "explain", "", "print what the catalogue says of this `id`, or of all: list")
	addReleaseFlag(flags, &o.releases, "lint")
	flags.StringVar(&o.pattern, "release-pattern", "", "lint the releases whose files match this `pattern`, such as egress/*/{namespace}/values.yaml; {release} is the release's name")
	flags.StringArrayVar(&o.keys, "key", nil, "the values stand below this `key` of a parent chart's file, such as payments, or spec.values (can be repeated)")
	addManifestsFlag(flags, &o.manifests, "lint")
	cmd.PreRunE = func(*cobra.Command, []string) error { return noValuesWithManifests.check(flags) }
	return cmd
}

var noValuesWithManifests = exclusive{
	flag:   "manifests",
	others: []string{"release", "release-pattern", "key", "values", "set", "set-string", "set-json", "set-file"},
	why:    "--manifests lints hand-written objects, which have no values; run render lint once for each",
}

func (o *lintOptions) run(s streams) error {
	if o.explain != "" {
		return explain(s.out, o.explain)
	}
	prints, err := parsePrints(o.formats)
	if err != nil {
		return err
	}
	done := s.working("linting", o.quiet)
	findings, subject, err := o.find(s)
	done()
	if err != nil {
		return err
	}
	options := output.Options{Version: buildVersion(), Subject: subject, Strict: o.strict, Quiet: o.quiet}
	for _, p := range prints {
		if err := p.write(s.out, findings, options); err != nil {
			return err
		}
	}
	failures, warnings := lint.Count(findings)
	if failures > 0 || o.strict && warnings > 0 {
		return exitError(exitRefused)
	}
	return nil
}

// find returns the findings, and what was linted in a few words.
func (o *lintOptions) find(s streams) ([]lint.Finding, string, error) {
	if len(o.manifests) > 0 && len(o.files) == 0 {
		findings, read, err := manifests.Lint(o.manifests, s.in, o.lint)
		if err == nil && len(findings)+read.Objects+read.Others == 0 {
			err = fmt.Errorf("%s: no Kubernetes objects in it; values files are given with -f", strings.Join(o.manifests, ", "))
		}
		return findings, read.String(), err
	}
	chart, err := o.input.loadChart()
	if err != nil {
		return nil, "", err
	}
	releases, err := o.readReleases()
	if err != nil {
		return nil, "", err
	}
	for _, release := range releases {
		if err := release.Check(); err != nil {
			return nil, "", err
		}
	}
	if err := shareStdin(releases, s.in); err != nil {
		return nil, "", err
	}
	if len(o.files) > 0 {
		findings, err := lintEach(chart, releases, o.lint)
		return findings, subject(releases), err
	}
	findings, err := lint.Releases(chart, releases, o.lint)
	return findings, subject(releases), err
}

// shareStdin gives standard input to the releases: to each of them when it is one of its files, such as values that
// all have in common.
func shareStdin(releases []lint.Release, stdin io.Reader) error {
	stdin = inputfile.Once(stdin)
	for i := range releases {
		releases[i].Values.Stdin = stdin
	}
	read := func(release lint.Release) bool { return slices.ContainsFunc(release.Values.Files, inputfile.IsStdin) }
	if len(releases) < 2 || !slices.ContainsFunc(releases, read) {
		return nil
	}
	data, err := inputfile.Read("-", stdin, position.MaxBytes)
	for i := range releases {
		if read(releases[i]) {
			releases[i].Values.Stdin = bytes.NewReader(data)
		}
	}
	return err
}

// lintEach lints releases without looking at them together: files for several environments say the same things.
func lintEach(chart *render.Chart, releases []lint.Release, options lint.Options) ([]lint.Finding, error) {
	var all []lint.Finding
	for _, release := range releases {
		findings, err := lint.Releases(chart, []lint.Release{release}, options)
		if err != nil {
			return nil, err
		}
		all = append(all, findings...)
	}
	lint.Sort(all)
	return all, nil
}

// readReleases returns the one release of -f and --set; or those of --release, or one for each file, with -f and --set for
// all of them.
func (o *lintOptions) readReleases() ([]lint.Release, error) {
	releases, err := o.namedReleases()
	if err != nil {
		return nil, err
	}
	return belowKeys(releases, o.keys)
}

func (o *lintOptions) namedReleases() ([]lint.Release, error) {
	if o.pattern != "" {
		return o.releasesOfPattern()
	}
	if len(o.files) > 0 {
		return o.releasePerFile()
	}
	if len(o.releases) == 0 {
		if !o.input.values.Given() {
			return nil, errNoLintInput
		}
		return []lint.Release{{Options: o.input.release, Values: o.input.values}}, nil
	}
	var releases []lint.Release
	index := map[string]int{}
	for _, argument := range o.releases {
		label, file, ok := strings.Cut(argument, "=")
		if !ok || label == "" || file == "" {
			return nil, fmt.Errorf("--release %s: want name=file or namespace/name=file", argument)
		}
		i, known := index[label]
		if !known {
			i = len(releases)
			index[label] = i
			releases = append(releases, o.newRelease(label))
		}
		releases[i].Values.Files = append(releases[i].Values.Files, file)
	}
	return releases, nil
}

func (o *lintOptions) releasePerFile() ([]lint.Release, error) {
	if len(o.releases) > 0 || len(o.manifests) > 0 {
		return nil, errors.New("values files as arguments go with neither --release nor --manifests: run render lint once for each")
	}
	files, err := valuesFiles(o.files)
	if err != nil {
		return nil, err
	}
	var releases []lint.Release
	for _, file := range files {
		release := lint.Release{Options: o.input.release, Values: o.input.values}
		release.Values.Files = append(slices.Clone(o.input.values.Files), file)
		releases = append(releases, release)
	}
	return releases, nil
}

func (o *lintOptions) releasesOfPattern() ([]lint.Release, error) {
	if len(o.files) > 0 || len(o.releases) > 0 || len(o.manifests) > 0 {
		return nil, errors.New("--release-pattern names all files: leave out arguments, --release and --manifests, and write folders into the pattern")
	}
	pattern, err := parseReleasePattern(o.pattern)
	if err != nil {
		return nil, err
	}
	return pattern.find(lint.Release{Options: o.input.release, Values: o.input.values})
}

func (o *lintOptions) newRelease(label string) lint.Release {
	release := lint.Release{Options: o.input.release, Values: o.input.values, Label: label}
	release.Values.Files = slices.Clone(o.input.values.Files)
	release.ReleaseName = label
	if namespace, name, ok := strings.Cut(label, "/"); ok {
		release.Namespace, release.ReleaseName = namespace, name
	}
	return release
}

var errNoLintInput = errors.New("nothing to lint: use -f values.yaml, --release name=file, --manifests path, or --set (render lint --help shows all flags)")

// subject names the files for the summary.
func subject(releases []lint.Release) string {
	var files []string
	seen := map[string]bool{}
	for _, release := range releases {
		for _, file := range release.Values.Files {
			file = inputfile.Name(file)
			if !seen[file] {
				seen[file] = true
				files = append(files, file)
			}
		}
	}
	if len(files) > 3 {
		return fmt.Sprintf("%d files", len(files))
	}
	return strings.Join(files, ", ")
}

func explain(out io.Writer, id string) error {
	if id != "list" {
		entry, err := catalogue.Find(id)
		if err != nil {
			return err
		}
		_, err = io.WriteString(out, entry.Text)
		return err
	}
	for _, id := range catalogue.IDs() {
		entry, err := catalogue.Find(id)
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%-30s %-17s %s\n", id, entry.Severity, entry.Title()); err != nil {
			return err
		}
	}
	return nil
}

// colored tells whether the output is a terminal that wants colour (https://no-color.org).
func colored(out io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && isTerminal(out)
}
