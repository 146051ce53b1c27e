package manifests

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/render"
)

// prove declares an entry by itself.
func (i *importer) prove(entry *Entry) *obstacle {
	text, err := entry.Values.YAML()
	if err != nil {
		return &obstacle{reason: err.Error()}
	}
	declared, findings, err := i.declare(text)
	if err != nil {
		return &obstacle{reason: err.Error()}
	}
	for _, finding := range findings {
		if finding.Severity == render.SeverityError {
			return &obstacle{reason: "the chart refuses " + fieldAt(finding.Path) + ": " + finding.Message}
		}
	}
	return entry.compare(entry.partOf(declared))
}

// declareValues declares values that the chart takes.
func (i *importer) declareValues(values render.Values) (*egress.Model, error) {
	text, err := values.YAML()
	if err != nil {
		return nil, err
	}
	model, _, err := i.declare(text)
	return model, err
}

func (i *importer) declare(text []byte) (*egress.Model, []render.Finding, error) {
	values, err := render.ParseValues(text)
	if err != nil {
		return nil, nil, err
	}
	return i.chart.Declare(values, render.Options{})
}

// compare holds what values declare against what the objects do. Values may protect calls better, which is told, and nothing else.
func (e *Entry) compare(declared *egress.Model) *obstacle {
	e.Changed = slices.Clone(e.assumed)
	for _, change := range egress.Diff(e.model, declared) {
		if change.Class != egress.Stronger {
			return &obstacle{reason: "values would change what calls do: " + change.Text}
		}
		e.Changed = append(e.Changed, change.Text)
	}
	if len(e.Changed) > len(e.assumed) {
		return nil
	}
	was, is := e.model.Calls(), declared.Calls()
	if e.isHosts() {
		was, is = e.model.Effect(), declared.Effect()
	}
	for n, line := range was {
		if n >= len(is) || is[n] != line {
			return &obstacle{reason: "values do not say all of it: " + line}
		}
	}
	return nil
}

// proveTogether declares all entries at once, and takes out those that do not go with others.
func (i *importer) proveTogether() error {
	for {
		text, err := i.values().YAML()
		if err != nil {
			return err
		}
		declared, findings, err := i.declare(text)
		if err != nil {
			return err
		}
		refused := i.refusedBy(findings)
		for n := range i.entries {
			if refused[n] == nil {
				refused[n] = i.entries[n].compare(i.entries[n].partOf(declared))
			}
		}
		if !i.takeOut(refused) {
			return nil
		}
	}
}

// refusedBy finds the entries that findings of the chart are about, by their index.
func (i *importer) refusedBy(findings []render.Finding) map[int]*obstacle {
	refused := map[int]*obstacle{}
	for _, finding := range findings {
		n := i.entryAt(finding.Path)
		if finding.Severity == render.SeverityError && n >= 0 && refused[n] == nil {
			refused[n] = &obstacle{reason: "the chart refuses " + fieldAt(finding.Path) + " beside the other entries: " + finding.Message}
		}
	}
	return refused
}

// fieldAt is the field of an entry at a path of the values; "it" for the entry itself.
func fieldAt(path string) string {
	if _, field, found := strings.Cut(path, "]."); found {
		return field
	}
	return "it"
}

// entryAt returns the index of the entry at a path of the values; -1 for none.
func (i *importer) entryAt(path string) int {
	count := map[egress.Kind]int{}
	for n, entry := range i.entries {
		kind := egress.ExternalNameService
		switch {
		case len(entry.Values.EndpointServices) > 0:
			kind = egress.EndpointService
		case entry.isHosts():
			kind = egress.ExternalHost
		}
		at := fmt.Sprintf("%s[%d]", kind, count[kind])
		count[kind]++
		if path == at || strings.HasPrefix(path, at+".") {
			return n
		}
	}
	return -1
}

// takeOut lists entries among what is not said, and tells whether there were any.
func (i *importer) takeOut(refused map[int]*obstacle) bool {
	var rest []Entry
	for n, entry := range i.entries {
		if found := refused[n]; found != nil {
			i.refuse(entry.subject(i.set), found)
		} else {
			rest = append(rest, entry)
		}
	}
	changed := len(rest) < len(i.entries)
	i.entries = rest
	return changed
}
