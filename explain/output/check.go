package output

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/explain/calls"
)

// ReportOptions are what formats of reports may use.
type ReportOptions struct {
	Verbose bool // text: expectations that hold as well, and all steps of those that do not
}

var reportWriters = map[string]func(io.Writer, *calls.Report, ReportOptions) error{
	"text":   reportText,
	"json":   reportJSON,
	"junit":  reportJUnit,
	"github": reportGitHub,
}

// ReportFormats returns the names of the formats of reports.
func ReportFormats() []string {
	var names []string
	for name := range reportWriters {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Report prints what became of expectations in a format.
func Report(format string, w io.Writer, r *calls.Report, o ReportOptions) error {
	write := reportWriters[format]
	if write == nil {
		return fmt.Errorf("unknown format %q: want one of %s", format, strings.Join(ReportFormats(), ", "))
	}
	return write(w, r, o)
}

// summary counts: 3 calls, 1 failed; 2 of 9 entries have no call: externalNameServices.a (values.yaml:3), ...
func summary(r *calls.Report) string {
	text := count(len(r.Results), "call")
	if failed := r.Failed(); failed > 0 {
		text += fmt.Sprintf(", %d failed", failed)
	} else {
		text += ", all as expected"
	}
	return text
}

// coverage says which entries have no call; empty when all have.
func coverage(r *calls.Report) string {
	if len(r.Uncovered) == 0 {
		return ""
	}
	places := make([]string, len(r.Uncovered))
	for i, place := range r.Uncovered {
		places[i] = place.String()
	}
	has := "have"
	if len(places) == 1 {
		has = "has"
	}
	return fmt.Sprintf("%d of %s %s no call: %s", len(places), count(r.Entries, "entry"), has, strings.Join(places, ", "))
}

func count(n int, what string) string {
	switch {
	case n == 1:
		return "1 " + what
	case strings.HasSuffix(what, "y"):
		what = strings.TrimSuffix(what, "y") + "ie"
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// at is where an expectation stands.
func at(r calls.Result) string {
	return explain.Place{Position: r.Position}.String()
}
