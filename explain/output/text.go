package output

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/istio-egress/istio-egress/explain"
)

// Explained is a trace, with what had no part in the call.
type Explained struct {
	*explain.Trace
	Ignored []explain.Ignored
}

// Text prints traces for people: the verdict first, then the steps that matter. Verbose prints all steps, each with Envoy's
// own names.
func Text(w io.Writer, all []Explained, verbose bool) error {
	out := bufio.NewWriter(w)
	for i, e := range all {
		if i > 0 {
			fmt.Fprintln(out)
		}
		writeTrace(out, e, verbose)
	}
	return out.Flush()
}

const (
	indent = "  "
	column = 12 // of the texts
)

func writeTrace(out io.Writer, e Explained, verbose bool) {
	fmt.Fprintln(out, printable(e.String()))
	for _, w := range e.Warnings {
		writeLine(out, "WARNING", fmt.Sprintf("%s [%s]", w.Text, w.ID))
	}
	steps := e.Steps
	if !verbose {
		steps = folded(steps)
	}
	for _, step := range steps {
		writeLine(out, string(step.Stage), step.Text)
		if verbose && step.Detail != "" {
			writeLine(out, "", step.Detail)
		}
		for _, by := range step.By {
			writeLine(out, "", "by "+reference(by))
		}
	}
	for i, ignored := range e.Ignored {
		label := "ignored"
		if i > 0 {
			label = ""
		}
		writeLine(out, label, reference(ignored.Reference))
		writeLine(out, "", fmt.Sprintf("  %s [%s]", ignored.Text, ignored.Reason))
	}
}

func writeLine(out io.Writer, label, text string) {
	fmt.Fprintf(out, "%s%-*s%s\n", indent, column, label, printable(text))
}

// reference is an object with its place: Service shop/my-httpbin  <- externalNameServices.my-httpbin  (values.yaml:5).
func reference(r explain.Reference) string {
	text := r.String()
	if place := r.Place.String(); place != "" {
		text += "  <- " + strings.Replace(place, " (", "  (", 1)
	}
	return text
}

// folded puts the steps before the route into one, as they rarely matter.
func folded(steps []explain.Step) []explain.Step {
	var texts []string
	first := explain.Step{}
	for len(steps) > 0 {
		step := steps[0]
		switch step.Stage {
		case explain.StageName, explain.StageAddress, explain.StageListener:
		default:
			return append([]explain.Step{first}, withoutListeners(steps)...)
		}
		if first.Stage == "" {
			first.Stage = step.Stage
		}
		texts = append(texts, step.Text)
		first.Text = strings.Join(texts, "; ")
		first.By = append(first.By, step.By...)
		steps = steps[1:]
	}
	return []explain.Step{first}
}

// withoutListeners leaves out how a gateway takes a connection, unless it ends there.
func withoutListeners(steps []explain.Step) []explain.Step {
	var kept []explain.Step
	for i, step := range steps {
		if step.Stage != explain.StageListener || i == len(steps)-1 {
			kept = append(kept, step)
		}
	}
	return kept
}

// printable shows what a terminal would take for a command.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0 {
			return '\uFFFD'
		}
		return r
	}, text)
}

// Lines prints a line for each trace: the verdict, and the call in a sentence.
func Lines(w io.Writer, t *explain.Trace) error {
	_, err := fmt.Fprintf(w, "%-15s %s\n", t.Verdict, printable(t.String()))
	return err
}
