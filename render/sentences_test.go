package render_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// What people write in values, and what they are told.
func TestSentencesOfTheSchema(t *testing.T) {
	content, err := os.ReadFile("testdata/findings/sentences.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	offered := 0
	for values := range strings.SplitSeq(string(content), "---\n") {
		said.WriteString(values)
		for _, f := range findings(t, values) {
			if f.Severity == render.SeverityError {
				fmt.Fprintf(&said, "  %s: %s [%s]\n", f.Path, f.Message, f.ID)
			}
			if f.Suggestion != nil {
				offered++
				checkSuggestion(t, values, f)
			}
		}
	}
	golden.Equal(t, "testdata/findings/sentences.txt", said.String())
	if offered < 20 {
		t.Errorf("only %d values were offered", offered)
	}
}

// checkSuggestion writes what a finding offers, and wants the schema to take it.
func checkSuggestion(t *testing.T, text string, f render.Finding) {
	t.Helper()
	values, err := render.ParseValues([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	path, err := position.ParsePath(f.Suggestion.Path)
	if err != nil {
		t.Fatal(err)
	}
	found, err := loadEmbedded(t).Findings(position.Put(values, path, f.Suggestion.Value).(map[string]any), render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, after := range found {
		if strings.HasPrefix(after.Path, f.Path) && strings.HasPrefix(after.ID, "schema-") {
			t.Errorf("%s: %s, and then: %s: %s", f.Path, f.Message, after.Path, after.Message)
		}
	}
}
