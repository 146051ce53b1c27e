// Package catalogue documents every finding: why it matters, an example that fails and its repair. One file per id, in
// entries; the examples are run by a test.
package catalogue

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/istio-egress/istio-egress/internal/words"
)

//go:embed entries/*.md
var files embed.FS

// Sources of findings: who finds it.
const (
	Schema   = "schema"   // values.schema.json; the chart refuses
	Chart    = "chart"    // the chart's templates; they refuse errors
	YAML     = "yaml"     // the values file itself
	Linter   = "linter"   // the linter alone
	Releases = "releases" // the linter, across releases or namespaces
	Manifest = "manifest" // the linter, in manifests
)

// Entry documents an id.
type Entry struct {
	ID       string
	Severity string // error, warning, or "warning or error"
	Source   string
	Text     string // the entry as Markdown
	Fails    []Example
	Repair   []Example
	Flags    []string // that the examples need
}

// Example is a file of an entry's example.
type Example struct {
	Info string // what follows the fence: "yaml", "yaml manifest", "yaml release team-a"
	Text string
}

// Silenceable tells whether --disable and lint:ignore apply: not to what the chart refuses.
func (e Entry) Silenceable() bool {
	switch e.Source {
	case Schema:
		return false
	case YAML, Chart:
		return e.Severity != "error"
	}
	return true
}

// ErrUnknown is the cause of Find's error.
var ErrUnknown = errors.New("no such id")

// Find returns an id's entry. The error names an id that looks like it.
func Find(id string) (Entry, error) {
	entries := load()
	if entry, ok := entries[id]; ok {
		return entry, nil
	}
	if near, ok := words.Nearest(id, IDs()); ok {
		return Entry{}, fmt.Errorf("%q: %w; did you mean %s?", id, ErrUnknown, near)
	}
	return Entry{}, fmt.Errorf("%q: %w; render lint --explain list shows all", id, ErrUnknown)
}

// IDs returns all ids in order.
func IDs() []string {
	var ids []string
	for id := range load() {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

var load = sync.OnceValue(func() map[string]Entry {
	all, err := files.ReadDir("entries")
	if err != nil {
		panic(err) // embedded
	}
	entries := make(map[string]Entry, len(all))
	for _, file := range all {
		data, err := files.ReadFile("entries/" + file.Name())
		if err != nil {
			panic(err) // embedded
		}
		entry := parse(strings.TrimSuffix(file.Name(), ".md"), string(data))
		entries[entry.ID] = entry
	}
	return entries
})

// parse reads an entry: a heading with the id, a line "severity, source", text, and the sections Fails and Repair with
// fenced examples. A line "Flags: ..." has the flags that they need.
func parse(id, text string) Entry {
	entry := Entry{ID: id, Text: text}
	lines := strings.Split(text, "\n")
	if len(lines) > 2 {
		severity, source, _ := strings.Cut(lines[2], ", ")
		entry.Severity, entry.Source = severity, strings.TrimPrefix(source, "found by: ")
	}
	var examples *[]Example
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		switch {
		case line == "## Fails":
			examples = &entry.Fails
		case line == "## Repair":
			examples = &entry.Repair
		case strings.HasPrefix(line, "Flags: "):
			entry.Flags = strings.Fields(strings.Trim(strings.TrimPrefix(line, "Flags: "), "`"))
		case strings.HasPrefix(line, "```") && examples != nil:
			example := Example{Info: strings.TrimPrefix(line, "```")}
			for i++; i < len(lines) && lines[i] != "```"; i++ {
				example.Text += lines[i] + "\n"
			}
			*examples = append(*examples, example)
		}
	}
	return entry
}

// Title is the entry's first sentence.
func (e Entry) Title() string {
	lines := strings.Split(e.Text, "\n")
	for _, line := range lines[min(3, len(lines)):] {
		if line != "" {
			sentence, _, _ := strings.Cut(line, ". ")
			return strings.TrimSuffix(sentence, ".")
		}
	}
	return e.ID
}
