package main

import (
	"errors"
	"io"

	"github.com/spf13/pflag"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/report"
)

// releaseSet is the releases that flags and arguments name, as render lint takes them: one of -f and --set; those of
// --release; or one for each file.
type releaseSet struct {
	input    input
	files    []string
	releases []string
}

// declare asks the chart what each release declares.
func (r releaseSet) declare(stdin io.Reader) ([]*report.Declaration, error) {
	releases, err := r.read()
	if err != nil {
		return nil, err
	}
	if err := shareStdin(releases, stdin); err != nil {
		return nil, err
	}
	return r.load(releases)
}

func (r releaseSet) read() ([]lint.Release, error) {
	if len(r.files) > 0 && len(r.releases) > 0 {
		return nil, errors.New("values files as arguments do not go with --release: name each release")
	}
	options := lintOptions{input: r.input, files: r.files, releases: r.releases}
	releases, err := options.readReleases()
	if err != nil {
		return nil, err
	}
	for _, release := range releases {
		if err := release.Check(); err != nil {
			return nil, err
		}
	}
	return releases, nil
}

func (r releaseSet) load(releases []lint.Release) ([]*report.Declaration, error) {
	chart, err := r.input.loadChart()
	if err != nil {
		return nil, err
	}
	declarations := make([]*report.Declaration, len(releases))
	for i, release := range releases {
		if len(releases) > 1 && release.Label == "" {
			release.Label = release.Values.Files[len(release.Values.Files)-1]
		}
		if declarations[i], err = report.Load(chart, release); err != nil {
			return nil, err
		}
	}
	return declarations, nil
}

// addReleaseFlag adds --release; verb is what the command does with releases.
func addReleaseFlag(f *pflag.FlagSet, releases *[]string, verb string) {
	f.StringArrayVar(releases, "release", nil, verb+" this release with others: `[namespace/]name=file` (can be repeated; files of one release merge)")
}

// addManifestsFlag adds --manifests; verb is what the command does with them.
func addManifestsFlag(f *pflag.FlagSet, manifests *[]string, verb string) {
	f.StringArrayVar(manifests, "manifests", nil, verb+" hand-written manifests in this `path` instead of values: a file, a directory, or - (can be repeated)")
}
