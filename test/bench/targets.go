package main

import (
	"errors"
	"fmt"
)

const targetEntries = 10_000

// target is what a ratio must reach at targetEntries.
type target struct {
	name   string
	ratio  func(r *results, entries int) sampled
	wanted float64
	atMost bool    // wanted is the most, not the least
	margin float64 // what --check lets pass: so many times less, or more
	// cpu is the same ratio in CPU time, which other work on the machine changes
	// less; nil where there is none.
	cpu func(r *results, entries int) sampled
	// byCPU tells that the ratio in CPU time is what counts.
	byCPU bool
}

// judged is the ratio that counts.
func (t target) judged(r *results, entries int) sampled {
	if t.byCPU {
		return t.cpu(r, entries)
	}
	return t.ratio(r, entries)
}

// The targets. --check is for machines that do other things too, and for fewer
// entries, where starting a process counts for more: hence its wide margins.
var targets = []target{
	{"`helm template` / `render`", wall(helmTemplate, render), 8, false, 2, cpu(helmTemplate, render), false},
	{"`helm lint` / `render lint`", wall(helmLint, renderLint), 40, false, 2, cpu(helmLint, renderLint), false},
	{"`helm lint && helm template \\| kubeconform` / `render lint`", wall(pipeline, renderLint), 30, false, 2, cpu(pipeline, renderLint), false},
	{"`helm template \\| kubeconform` / `render lint`", wall(kubeconform, renderLint), 6, false, 2, cpu(kubeconform, renderLint), false},
	{"memory of `render` / `helm template`", memory(render, helmTemplate), 0.7, true, 1.4, nil, false},
	{"memory of `render lint` / `helm lint`", memory(renderLint, helmLint), 0.7, true, 1.4, nil, false},
	{"`render report` / `render`", wall(renderReport, render), 1.3, true, 1.5, cpu(renderReport, render), true},
	{"`render report -o html` / `render`", wall(renderPage, render), 1.3, true, 1.5, cpu(renderPage, render), true},
	{"`render diff` / `render`: two of them", wall(renderDiff, render), 2.6, true, 1.5, cpu(renderDiff, render), true},
	{"`render`, 10 times the entries", growth(render), 12, true, 1.5, nil, false},
	{"`render lint`, 10 times the entries", growth(renderLint), 12, true, 1.5, nil, false},
	{"`render report`, 10 times the entries", growth(renderReport), 12, true, 1.5, nil, false},
	{"`render diff`, 10 times the entries", growth(renderDiff), 12, true, 1.5, nil, false},
	{"Helm SDK `action.Install` dry-run / second `Chart.Render`, 1 entry", library, 10, false, 2, nil, false},
}

func wall(a, b string) func(*results, int) sampled {
	return func(r *results, entries int) sampled {
		return ratios(r.taken[entries][a].seconds(), r.taken[entries][b].seconds())
	}
}

func cpu(a, b string) func(*results, int) sampled {
	return func(r *results, entries int) sampled {
		return ratios(r.taken[entries][a].cpuSeconds(), r.taken[entries][b].cpuSeconds())
	}
}

func memory(a, b string) func(*results, int) sampled {
	return func(r *results, entries int) sampled {
		return ratios(r.taken[entries][a].memory(), r.taken[entries][b].memory())
	}
}

// growth compares medians: different sizes have different rounds.
func growth(name string) func(*results, int) sampled {
	return func(r *results, entries int) sampled {
		before, measured := r.taken[entries/10]
		if !measured {
			return nil
		}
		return sampled{r.taken[entries][name].seconds().median() / before[name].seconds().median()}
	}
}

func library(r *results, _ int) sampled {
	var theirs, ours sampled
	for _, run := range libraryRuns(r.library, libraryInstall) {
		theirs = append(theirs, run.wall.Seconds())
	}
	for _, run := range libraryRuns(r.library, libraryRender) {
		ours = append(ours, run.wall.Seconds())
	}
	if len(theirs) != len(ours) {
		return nil
	}
	return ratios(theirs, ours)
}

func (t target) reached(ratio, margin float64) bool {
	if t.atMost {
		return ratio <= t.wanted*margin
	}
	return ratio >= t.wanted/margin
}

// verdict says whether a ratio at so many entries reaches the target.
func (t target) verdict(ratio float64, entries int) string {
	switch {
	case t.reached(ratio, 1):
		return "reached"
	case entries < targetEntries && t.reached(ratio, t.margin):
		return "not with so few entries, but within the margin of --check"
	}
	return "missed"
}

func (t target) String() string {
	if t.byCPU {
		return "at most " + times(t.wanted) + " in CPU time"
	}
	if t.atMost {
		return "at most " + times(t.wanted)
	}
	return "at least " + times(t.wanted)
}

func (r *results) largest() int {
	largest := 0
	for _, s := range r.sizes {
		largest = max(largest, s.entries)
	}
	return largest
}

// check returns an error that names every ratio outside its margin.
func (r *results) check() error {
	var all []error
	for _, t := range targets {
		ratio := t.judged(r, r.largest())
		if len(ratio) > 0 && !t.reached(ratio.median(), t.margin) {
			all = append(all, fmt.Errorf("%s at %d entries is %s; the target is %s, and %s of it is let pass",
				t.name, r.largest(), ratio.with(times), t, times(t.margin)))
		}
	}
	return errors.Join(append(all, r.checkExplain())...)
}
