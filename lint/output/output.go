// Package output prints findings: one format per file.
package output

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/lint"
)

// Options are what formats may use beside the findings.
type Options struct {
	Color   bool   // text only
	Version string // of the linter
	Subject string // what was linted, for the summary: "values.yaml"
	Strict  bool   // warnings fail too
	Quiet   bool   // no summary; text only
}

type writer func(io.Writer, []lint.Finding, Options) error

var writers = map[string]writer{
	"text":   writeText,
	"json":   writeJSON,
	"sarif":  writeSARIF,
	"github": writeGitHub,
	"junit":  writeJUnit,
	"gitlab": writeGitLab,
}

// Formats returns the names of all formats.
func Formats() []string {
	var names []string
	for name := range writers {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Check refuses a format that does not exist.
func Check(format string) error {
	if writers[format] == nil {
		return fmt.Errorf("unknown format %q: want one of %s", format, strings.Join(Formats(), ", "))
	}
	return nil
}

// Write prints the findings in a format.
func Write(format string, w io.Writer, findings []lint.Finding, o Options) error {
	if err := Check(format); err != nil {
		return err
	}
	return writers[format](w, findings, o)
}

// message is the finding's sentence with what it is about in front of it.
func message(finding lint.Finding) string {
	var parts []string
	for _, part := range []string{finding.Release, finding.Object, finding.Path} {
		if part != "" && part != finding.Position.File { // a release can be called after its file
			parts = append(parts, part)
		}
	}
	return strings.Join(append(parts, finding.Message), ": ")
}

// about names a related place.
func about(related lint.Related) string {
	var parts []string
	for _, part := range []string{related.Release, related.Object, related.Path, related.Message} {
		if part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ": ")
}

// summary counts in words: "2 errors, 1 warning".
func summary(findings []lint.Finding) string {
	errors, warnings := lint.Count(findings)
	var parts []string
	if errors > 0 {
		parts = append(parts, words.Count(errors, "error"))
	}
	if warnings > 0 {
		parts = append(parts, words.Count(warnings, "warning"))
	}
	if len(parts) == 0 {
		return "no problems"
	}
	return strings.Join(parts, ", ")
}
