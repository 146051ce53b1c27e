package main

import (
	"errors"
	"fmt"
	"os"
	"strings"
)

// table is all subjects, as they stand in the table.
var table = []string{
	render, helmTemplate, helm4Template, renderLint, renderReport, renderPage, renderDiff, helmLint, helmLintShared, helm4Lint, kubeconform, pipeline,
	explainStart, explainCall, explainAll,
}

// markdown prints the results of both forms.
func (r *report) markdown() string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "Measured on %s, with %s.\n\n", strings.Join(r.machine, ", "), r.versionsLine())
	for _, measured := range r.forms {
		fmt.Fprintf(out, "### All services %s\n\n", measured.form)
		measured.writeTable(out)
		measured.writeTargets(out)
		measured.writeExplain(out)
		out.WriteString("\n")
	}
	out.WriteString("### How it is measured\n\n" +
		"Wall time: the median of all rounds, with the least and the greatest; and peak memory, of a pipe that of its\n" +
		"largest command. Growth: how many times as long for the next size. Every round runs all commands, one after the other.\n" +
		"\"One scheme\" is helm 3 changed to build one runtime scheme and not one per object.\n" +
		"`render` and `helm template` printed the same bytes, kubeconform accepted all objects.\n")
	r.writeLibrary(out)
	return out.String()
}

// check fails with all ratios that have regressed.
func (r *report) check() error {
	var all []error
	for _, measured := range r.forms {
		if err := measured.check(); err != nil {
			all = append(all, fmt.Errorf("all services %s: %w", measured.form, err))
		}
	}
	return errors.Join(all...)
}

func (r *report) versionsLine() string {
	var all []string
	for _, v := range r.versions {
		all = append(all, v.name+" "+v.version)
	}
	return strings.Join(all, ", ")
}

func (r *results) writeTable(out *strings.Builder) {
	out.WriteString("|")
	for _, s := range r.sizes {
		fmt.Fprintf(out, " | %s entries, %s objects, %d rounds", thousands(s.entries), thousands(r.objects[s.entries]), s.rounds)
	}
	out.WriteString(" | growth |\n| ---" + strings.Repeat(" | ---", len(r.sizes)+1) + " |\n")
	for _, name := range table {
		fmt.Fprintf(out, "| `%s`", strings.ReplaceAll(name, "|", "\\|"))
		for _, s := range r.sizes {
			taken := r.taken[s.entries][name]
			if len(taken) == 0 {
				out.WriteString(" | not run")
				continue
			}
			fmt.Fprintf(out, " | %s, %s", taken.seconds().with(seconds), mebibytes(taken.memory().median()))
		}
		fmt.Fprintf(out, " | %s |\n", r.growthLine(name))
	}
}

func (r *results) growthLine(name string) string {
	var all []string
	for _, s := range r.sizes[1:] {
		if ratio := growth(name)(r, s.entries); ratio != nil && len(r.taken[s.entries][name]) > 0 {
			all = append(all, times(ratio.median()))
		}
	}
	return strings.Join(all, ", ")
}

func (r *results) writeTargets(out *strings.Builder) {
	entries := r.largest()
	fmt.Fprintf(out, "\n| ratio at %s entries | in wall time | in CPU time | target at 10,000 entries |\n| --- | --- | --- | --- |\n", thousands(entries))
	for _, t := range targets {
		ratio := t.ratio(r, entries)
		if len(ratio) == 0 {
			continue
		}
		inCPU := ""
		if t.cpu != nil {
			inCPU = t.cpu(r, entries).with(times)
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s: %s |\n", t.name, ratio.with(times), inCPU, t, t.verdict(t.judged(r, entries).median(), entries))
	}
	for _, more := range []struct{ name, a, b string }{
		{"`helm lint` with one scheme / `render lint`", helmLintShared, renderLint},
		{"`helm template` of helm 4 / `render`", helm4Template, render},
	} {
		fmt.Fprintf(out, "| %s | %s | %s | |\n", more.name,
			wall(more.a, more.b)(r, entries).with(times), cpu(more.a, more.b)(r, entries).with(times))
	}
}

func (r *report) writeLibrary(out *strings.Builder) {
	out.WriteString("\n| in one process, chart loaded, 1 entry | time | allocations |\n| --- | --- | --- |\n")
	for _, row := range []struct{ label, name string }{
		{"`Chart.Render` and `Manifest`", libraryRender},
		{"Helm SDK, `action.Install` dry-run", libraryInstall},
	} {
		var taken, allocations sampled
		for _, run := range libraryRuns(r.library, row.name) {
			taken = append(taken, run.wall.Seconds())
			allocations = append(allocations, float64(run.allocations))
		}
		fmt.Fprintf(out, "| %s | %s | %s |\n", row.label, taken.with(microseconds), thousands(int(allocations.median())))
	}
}

func thousands(number int) string {
	text := fmt.Sprint(number)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

const (
	sectionStart = "<!-- bench: written by ci/bench -write -->\n"
	sectionEnd   = "<!-- end of bench -->\n"
)

// replaceSection puts text between the bench comments of a document.
func replaceSection(path, text string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, started := strings.Cut(string(data), sectionStart)
	_, after, ended := strings.Cut(rest, sectionEnd)
	if !started || !ended {
		return fmt.Errorf("%s: put the lines %q and %q where the results belong", path, strings.TrimSpace(sectionStart), strings.TrimSpace(sectionEnd))
	}
	return os.WriteFile(path, []byte(before+sectionStart+"\n"+text+"\n"+sectionEnd+after), 0o600)
}
