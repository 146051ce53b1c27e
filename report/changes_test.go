package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/report"
)

func writeChanges(t *testing.T, format string, changes []report.Change) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.WriteChanges(format, &out, changes); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestChangeFormats(t *testing.T) {
	changes := report.Changes([]*report.Declaration{load(t, "testdata/before.yaml")}, []*report.Declaration{load(t, "testdata/values.yaml")})
	for _, format := range report.ChangeFormats() {
		golden.Equal(t, "testdata/changes."+format, writeChanges(t, format, changes))
		if nothing := writeChanges(t, format, nil); nothing != "" {
			t.Errorf("%s of nothing is %q", format, nothing)
		}
		if err := report.WriteChanges(format, brokenPipe{}, changes); err == nil {
			t.Errorf("%s: no error where nothing can be written", format)
		}
	}
	err := report.WriteChanges("xml", nil, changes)
	if err == nil || !strings.Contains(err.Error(), `unknown format "xml": want one of json, md, text`) {
		t.Errorf("got %v", err)
	}
}

// Several releases are compared as the mesh sees them: together.
func TestChangesOfReleases(t *testing.T) {
	before, after := load(t, "testdata/before.yaml"), loadInto(t, "default", "../examples/istio-task/values.yaml")
	together := report.Changes(nil, []*report.Declaration{before, after})
	alone := report.Changes(nil, []*report.Declaration{after})
	if len(together) <= len(alone) {
		t.Errorf("%d changes of two releases, %d of one", len(together), len(alone))
	}
	if moved := report.Changes([]*report.Declaration{before, after}, []*report.Declaration{after, before}); len(moved) > 0 {
		t.Errorf("the order of releases changes %v", moved)
	}
}

// Of several releases, the guard rails of each are compared with those of the same.
func TestChangesOfGuardRails(t *testing.T) {
	railed, free := load(t, "testdata/before.yaml"), load(t, "testdata/values.yaml")
	railed.Release, free.Release = "railed", "free"
	both := []*report.Declaration{railed, free}
	if changes := report.Changes(both, both); len(changes) > 0 {
		t.Errorf("the same releases differ: %v", changes)
	}
	freed := load(t, "testdata/values.yaml")
	freed.Release = "railed"
	text := writeChanges(t, "text", report.Changes(both, []*report.Declaration{freed, free}))
	wanted := "~ weaker    policy.forbidInsecureSkipVerify: true -> false  [testdata/before.yaml:37 -> testdata/values.yaml:2]\n"
	if !strings.Contains(text, wanted) || strings.Count(text, "policy.") != 1 {
		t.Errorf("want %sgot\n%s", wanted, text)
	}
}

func hostileChanges(text string) []report.Change {
	place := report.Place{Path: text, File: text, Line: 1, Revision: text}
	return []report.Change{{Class: egress.Weaker, Destination: text, Port: 1, Names: []string{text}, Text: text, Before: place, After: place}}
}

func TestSchemaOfChanges(t *testing.T) {
	validate := validator(t, "../docs/diff.schema.json")
	changes := report.Changes([]*report.Declaration{load(t, "testdata/before.yaml")}, []*report.Declaration{load(t, "testdata/values.yaml")})
	for _, changes := range [][]report.Change{changes, hostileChanges("x")} {
		if err := validate(writeChanges(t, "json", changes)); err != nil {
			t.Error(err)
		}
	}
	if validate(`{"apiVersion": "diff.istio-egress/v1", "changes": [{"class": "better", "destination": "a", "port": 1, "names": [], "text": "", "before": {}, "after": {}}]}`) == nil {
		t.Error("an unknown class is valid")
	}
}

// What comes from values, files and revisions stays in its cell, and in its line.
func TestHostileChanges(t *testing.T) {
	for _, text := range []string{hostile, "a|b", "a\\|b", "`a`|", "<img src=x>", "@everybody #1"} {
		for line := range strings.Lines(writeChanges(t, "md", hostileChanges(text))) {
			if strings.HasPrefix(line, "|") && strings.Count(strings.ReplaceAll(strings.ReplaceAll(line, `\\`, ""), `\|`, ""), "|") != 7 {
				t.Errorf("%q: cells of %s", text, line)
			}
		}
		if lines := strings.Count(writeChanges(t, "text", hostileChanges(text)), "\n"); lines != 2 {
			t.Errorf("%q: %d lines of text", text, lines)
		}
	}
}
