package lint_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// linesOf lints files that merge, and returns a line for each finding of the id.
func linesOf(t *testing.T, id string, key position.Path, texts ...string) string {
	t.Helper()
	t.Chdir(t.TempDir())
	release := lint.Release{Key: key}
	for i, text := range texts {
		name := fmt.Sprintf("%d.yaml", i)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		release.Values.Files = append(release.Values.Files, name)
	}
	findings, err := lint.Releases(load(t), []lint.Release{release}, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range findings {
		if f.ID != id {
			continue
		}
		line := fmt.Sprintf("%s %s: %s", f.Position, f.Path, f.Message)
		for _, related := range f.Related {
			line += fmt.Sprintf(" (%s %s)", related.Position, related.Path)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

const entryOf = "externalName: %s.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}"

func listOf(names ...string) string {
	text := "externalNameServices:\n"
	for _, name := range names {
		text += fmt.Sprintf("  - {name: %s, "+entryOf+"}\n", name, name)
	}
	return text
}

func mapOf(names ...string) string {
	text := "externalNameServices:\n"
	for _, name := range names {
		text += fmt.Sprintf("  %s: {"+entryOf+"}\n", name, name)
	}
	return text
}

func TestListReplaced(t *testing.T) {
	const merges = "as maps from name to entry merge: externalNameServices: {NAME: {...}}"
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"list over list": {[]string{listOf("a", "b"), listOf("b", "c")},
			"1.yaml:1:1 externalNameServices: this replaces all that 0.yaml has under externalNameServices, and a is lost: write maps in both files, " + merges + " (0.yaml:2:5 externalNameServices[0])"},
		"list over map": {[]string{mapOf("a", "b"), listOf("c")},
			"1.yaml:1:1 externalNameServices: this replaces all that 0.yaml has under externalNameServices, and a and b are lost: write a map here too, " + merges + " (0.yaml:2:3 externalNameServices.a) (0.yaml:3:3 externalNameServices.b)"},
		"map over list": {[]string{listOf("a"), mapOf("c")},
			"1.yaml:1:1 externalNameServices: this replaces all that 0.yaml has under externalNameServices, and a is lost: write a map there too, " + merges + " (0.yaml:2:5 externalNameServices[0])"},
		"ports of an entry": {[]string{mapOf("a"), "externalNameServices: {a: {ports: [{name: http, port: 80, targetPort: 443}]}}"},
			"1.yaml:1:28 externalNameServices.a.ports: this list replaces the ports of 0.yaml, and https is lost: repeat here what is to stay, as lists do not merge (0.yaml:2:44 externalNameServices.a.ports)"},
		"map over map":             {[]string{mapOf("a"), mapOf("b"), mapOf("a", "c")}, ""},
		"list that repeats all":    {[]string{listOf("a"), listOf("a", "b")}, ""},
		"entry removed by null":    {[]string{mapOf("a", "b"), "externalNameServices: {a: null}"}, ""},
		"nothing of it":            {[]string{listOf("a"), "exportTo: [\".\"]"}, ""},
		"entry that keeps a port":  {[]string{mapOf("a"), "externalNameServices: {a: {ports: [{name: https, port: 8443}]}}"}, ""},
		"collection without a map": {[]string{listOf("a"), "externalNameServices: null"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := linesOf(t, "list-replaced", nil, c.files...); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// The linter looks at every collection of the schema.
func TestListReplacedInEveryCollection(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "charts", "istio-egress", "values.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]map[string]any `json:"properties"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	found := 0
	for name, property := range schema.Properties {
		if property["patternProperties"] == nil || property["items"] == nil {
			continue
		}
		found++
		if got := linesOf(t, "list-replaced", nil, name+": [{name: a}]", name+": [{name: b}]"); got == "" {
			t.Errorf("%s: nothing is said of a list that is replaced", name)
		}
	}
	if found < 2 {
		t.Errorf("found %d collections", found)
	}
}

// Values below the key of a parent chart are linted as others, with their places in the parent's file.
func TestKey(t *testing.T) {
	parent := "replicas: 2\npayments:\n  egress:\n    externalNameServices:\n      - name: a\n        externalName: Api.example.com\n        ports: [{name: https, port: 443}]\n        tls: {mode: DISABLE}\n"
	key := position.Path{position.Key("payments"), position.Key("egress")}
	got := linesOf(t, "external-name-upper-case", key, parent)
	if want := `0.yaml:6:23 payments.egress.externalNameServices[0].externalName: "Api.example.com" has`; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := linesOf(t, "schema-unknown-field", key, parent); got != "" {
		t.Errorf("the parent's own values are looked at: %s", got)
	}
	list := "payments: {egress: {externalNameServices: [{name: %s}]}}"
	if got := linesOf(t, "list-replaced", key, fmt.Sprintf(list, "a"), fmt.Sprintf(list, "b")); !strings.Contains(got, "payments.egress.externalNameServices: ") {
		t.Errorf("got %s", got)
	}
	if err := os.WriteFile("other.yaml", []byte("replicas: 2\nworker: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := lint.Releases(load(t), []lint.Release{{Key: key, Values: render.ValuesOptions{Files: []string{"other.yaml"}}}}, lint.Options{})
	if err == nil || !slices.Contains(strings.Fields(err.Error()), "replicas") {
		t.Errorf("got %v", err)
	}
}
