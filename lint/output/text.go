package output

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
)

// Terminal colours.
const (
	bold   = "\x1b[1m"
	red    = "\x1b[1;31m"
	yellow = "\x1b[1;33m"
	faint  = "\x1b[2m"
	reset  = "\x1b[0m"
)

// writeText prints a line per finding, as compilers do, the other places of a conflict below it, and a summary line.
func writeText(w io.Writer, findings []lint.Finding, o Options) error {
	out := &colorWriter{Writer: bufio.NewWriter(w), color: o.Color, shown: map[string]bool{}}
	for _, finding := range findings {
		out.finding(finding)
	}
	if o.Quiet {
		return out.Flush()
	}
	end := summary(findings)
	if o.Subject != "" {
		end += " in " + o.Subject
	}
	if _, warnings := lint.Count(findings); o.Strict && warnings > 0 {
		end += " (warnings fail: --strict)"
	}
	fmt.Fprintln(out, printable(end))
	return out.Flush()
}

type colorWriter struct {
	*bufio.Writer
	color bool
	shown map[string]bool // replacements
}

func (w *colorWriter) finding(finding lint.Finding) {
	severity := yellow
	if finding.Severity == lint.Error {
		severity = red
	}
	if place := finding.Position.String(); place != "" {
		fmt.Fprintf(w, "%s: ", w.paint(bold, printable(place)))
	}
	fmt.Fprintf(w, "%s: %s %s\n", w.paint(severity, string(finding.Severity)), printable(message(finding)), w.paint(faint, "["+finding.ID+"]"))
	for _, related := range finding.Related {
		w.related(related)
	}
	w.replacement(finding.Replacement)
}

func (w *colorWriter) related(related lint.Related) {
	what := printable(about(related))
	if related.Message == "" {
		what = "see " + what
	}
	if place := related.Position.String(); place != "" {
		what = printable(place) + ": " + what
	}
	fmt.Fprintf(w, "    %s\n", what)
}

// replacement prints values once, however many findings they would settle.
func (w *colorWriter) replacement(values string) {
	switch {
	case values == "":
		return
	case w.shown[values]:
		fmt.Fprintf(w, "    values that replace it: as above\n")
		return
	}
	w.shown[values] = true
	fmt.Fprintf(w, "    values that replace it:\n")
	for line := range strings.Lines(values) {
		fmt.Fprintf(w, "      %s\n", printable(strings.TrimRight(line, "\n")))
	}
}

func (w *colorWriter) paint(color, text string) string {
	if !w.color {
		return text
	}
	return color + text + reset
}

const maxLine = 2000 // characters of one finding's text

// printable keeps a finding on one line, and control characters of the values out of the terminal.
func printable(text string) string {
	text = strings.Map(func(char rune) rune {
		if char == '\n' || char == '\r' || char == '\t' {
			return ' '
		}
		if char < ' ' || char >= 0x7f && char < 0xa0 {
			return '\uFFFD'
		}
		return char
	}, text)
	if len(text) > maxLine {
		if runes := []rune(text); len(runes) > maxLine {
			return string(runes[:maxLine]) + "…"
		}
	}
	return text
}
