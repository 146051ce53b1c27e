package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/report"
)

const diffLong = `Print what changes for calls between two values files, or between two revisions of git, in words and with both places.

  weaker    a way is less protected: TLS became plaintext, verification went off, another name or a public CA is accepted,
            a closed name opened, the gateway is passed by
  wider     there is a destination, a port or an address more, or somebody who had none of it
  changed   anything else that counts: the Host that is sent, the server's port, certificates, policies, timeouts
  stronger  the reverse of weaker
  narrower  the reverse of wider

Labels, the order of entries, lists or maps make no difference, and nothing is printed then.

With --manifests, BEFORE and AFTER are hand-written objects, in a file, a directory or "-".

Files given with -f, and flags such as --set, count on both sides. With --rev, files are read from the revisions: A..B, A...B
(from where they parted), or A alone (against the files on the disk). A file that one side does not have declares nothing.

Exit status: 0 when nothing changes, 1 when something does (with --fail-on: of these classes), 2 when there was trouble.`

const diffExample = `  render diff before.yaml after.yaml
  render diff --rev main...HEAD -f values.yaml -o md
  render diff --rev main -f base.yaml -f production.yaml --fail-on weaker,wider
  render diff --manifests deploy-before/ deploy/
  render diff --rev v1..v2 --release egress=values.yaml --release team-b/egress=team-b.yaml`

type diffOptions struct {
	input     input
	manifests bool
	revision  string
	releases  []string
	format    string
	failOn    []string
}

func newDiffCommand(s streams) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:     "diff BEFORE AFTER",
		Short:   "Print what changes for calls between two versions of values",
		Long:    diffLong,
		Example: diffExample,
		RunE:    func(_ *cobra.Command, args []string) error { return o.run(s, args) },
	}
	o.input.addFlags(cmd.Flags())
	flags := cmd.Flags()
	flags.BoolVar(&o.manifests, "manifests", false, "BEFORE and AFTER are hand-written manifests, each a file, a directory or -")
	flags.StringVar(&o.revision, "rev", "", "compare what the files are in these `revisions` of git: A..B, A...B or A")
	addReleaseFlag(flags, &o.releases, "with --rev: compare")
	flags.StringVarP(&o.format, "output", "o", "text", "output `format`: "+strings.Join(report.ChangeFormats(), ", "))
	flags.StringSliceVar(&o.failOn, "fail-on", nil, "exit with 1 for changes of these `classes` alone: weaker, wider, changed, stronger, narrower, or none (can be repeated)")
	cmd.PreRunE = func(*cobra.Command, []string) error { return noValuesWithComparedManifests.check(flags) }
	return cmd
}

var noValuesWithComparedManifests = exclusive{
	flag:   "manifests",
	others: []string{"rev", "release", "values", "set", "set-string", "set-json", "set-file"},
	why:    "--manifests compares hand-written objects, which have no values, in two files or directories",
}

func (o *diffOptions) run(s streams, args []string) error {
	if err := errors.Join(report.CheckChangeFormat(o.format), checkClasses(o.failOn)); err != nil {
		return err
	}
	done := s.working("reading", false)
	before, after, err := o.sides(s.in, args)
	done()
	if err != nil {
		return inFull(s.err, err)
	}
	for _, d := range slices.Concat(before, after) {
		for _, line := range d.Unsaid {
			fmt.Fprintf(s.err, "not compared: %s\n", line)
		}
	}
	changes := report.Changes(before, after)
	if err := report.WriteChanges(o.format, s.out, changes); err != nil {
		return err
	}
	if slices.ContainsFunc(changes, o.fails) {
		return exitError(exitRefused)
	}
	return nil
}

// none is what --fail-on takes for no class at all.
const none = "none"

func checkClasses(names []string) error {
	for _, name := range names {
		if name != none && !slices.Contains(egress.Classes(), egress.Class(name)) {
			return fmt.Errorf("--fail-on %s: want some of weaker, wider, changed, stronger and narrower, or none", name)
		}
	}
	return nil
}

func (o *diffOptions) fails(c report.Change) bool {
	return len(o.failOn) == 0 || slices.Contains(o.failOn, string(c.Class))
}

// inFull prints an error of several lines as it is, with the status of trouble: values that the chart refuses are that here.
func inFull(out io.Writer, err error) error {
	if !strings.Contains(err.Error(), "\n") {
		return err
	}
	fmt.Fprintf(out, "Error: %s\n", strings.TrimSpace(err.Error()))
	return exitError(exitFailed)
}

// sides returns what is declared before and after.
func (o *diffOptions) sides(stdin io.Reader, args []string) (before, after []*report.Declaration, err error) {
	if o.revision != "" {
		return o.revisions(args)
	}
	switch {
	case len(o.releases) > 0:
		return nil, nil, errors.New("--release goes with --rev; without it, give two files: render diff BEFORE AFTER")
	case len(args) != 2:
		return nil, nil, fmt.Errorf("want two values files, render diff BEFORE AFTER, or --rev A..B with -f; got %d", len(args))
	}
	stdin = inputfile.Once(stdin)
	if before, err = o.declareFile(args[0], stdin); err != nil {
		return nil, nil, fmt.Errorf("before: %w", err)
	}
	if after, err = o.declareFile(args[1], stdin); err != nil {
		return nil, nil, fmt.Errorf("after: %w", err)
	}
	return before, after, nil
}

// declareFile asks what one side declares.
func (o *diffOptions) declareFile(name string, stdin io.Reader) ([]*report.Declaration, error) {
	if o.manifests {
		manifests, err := report.Manifests([]string{name}, stdin)
		return []*report.Declaration{manifests}, err
	}
	return releaseSet{input: o.input, files: []string{name}}.declare(stdin)
}

func (o *diffOptions) revisions(args []string) (before, after []*report.Declaration, err error) {
	files := o.input.values.Files
	switch {
	case len(args) > 0:
		return nil, nil, fmt.Errorf("unexpected argument %q: with --rev, values files are given with -f or --release", args[0])
	case len(files)+len(o.releases) == 0:
		return nil, nil, errors.New("--rev needs the values files: use -f values.yaml or --release name=file")
	case slices.ContainsFunc(files, inputfile.IsStdin):
		return nil, nil, errors.New("-f -: standard input is in no revision; name a file of the repository")
	}
	from, to, err := parseRevisions(o.revision)
	if err != nil {
		return nil, nil, err
	}
	set := releaseSet{input: o.input, releases: o.releases}
	if err := somewhere(set, from, to); err != nil {
		return nil, nil, err
	}
	if before, err = set.declareAt(from); err != nil {
		return nil, nil, fmt.Errorf("before, %s: %w", from, err)
	}
	if after, err = set.declareAt(to); err != nil {
		return nil, nil, fmt.Errorf("after, %s: %w", to, err)
	}
	return before, after, nil
}
