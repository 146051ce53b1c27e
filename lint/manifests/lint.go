package manifests

import (
	"fmt"
	"io"

	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

// Read says what was linted.
type Read struct {
	Files, Objects int
	// Others are Kubernetes objects of kinds that no check looks at.
	Others int
}

// String is for a summary: "3 files (12 objects)".
func (r Read) String() string {
	return fmt.Sprintf("%s (%s)", words.Count(r.Files, "file"), words.Count(r.Objects, "object"))
}

// Lint reads manifests from files, directories (with those below them) and, for "-", from stdin. Findings are sorted by
// place. The error is for paths that could not be read, and for unknown ids to disable.
func Lint(paths []string, stdin io.Reader, options lint.Options) ([]lint.Finding, Read, error) {
	if err := options.Check(); err != nil {
		return nil, Read{}, err
	}
	chart, err := render.Load()
	if err != nil {
		return nil, Read{}, err
	}
	sources, err := readPaths(paths, inputfile.Once(stdin))
	if err != nil {
		return nil, Read{}, err
	}
	all := &set{dnsCapture: options.DNSCapture, options: options}
	var found []finding
	for _, source := range sources {
		found = append(found, all.add(source)...)
	}
	all.index()
	for _, check := range checks {
		found = append(found, check(all)...)
	}
	replace := newReplacer(chart, all)
	findings := make([]lint.Finding, len(found))
	for i := range found {
		findings[i] = found[i].Finding
		findings[i].Replacement = replace.forFinding(found[i])
	}
	findings = lint.Disable(findings, options.Disable)
	lint.Sort(findings)
	return findings, Read{Files: len(sources), Objects: len(all.all), Others: all.others}, nil
}
