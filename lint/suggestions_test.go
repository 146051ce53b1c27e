package lint_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/catalogue"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// What a message offers works when it is written: the finding is gone, and no other comes. So for every value that is offered
// for an example of the catalogue.
func TestSuggestionsWork(t *testing.T) {
	offered := 0
	for _, id := range catalogue.IDs() {
		entry, err := catalogue.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(entry.Fails[0].Info, "manifest") {
			continue
		}
		t.Run(id, func(t *testing.T) {
			for _, finding := range lintExamples(t, entry, entry.Fails) {
				if finding.Suggestion == nil {
					continue
				}
				offered++
				checkSuggestion(t, entry, finding)
			}
		})
	}
	if offered < 60 {
		t.Errorf("only %d values were offered", offered)
	}
}

func checkSuggestion(t *testing.T, entry catalogue.Entry, finding lint.Finding) {
	t.Helper()
	example, err := strconv.Atoi(strings.TrimSuffix(filepath.Base(finding.Position.File), ".yaml"))
	if err != nil {
		t.Fatalf("%s has no place: %v", finding.Message, err)
	}
	examples := slices.Clone(entry.Fails)
	examples[example] = catalogue.Example{Info: strings.TrimSuffix(examples[example].Info, repeatInfo.FindString(examples[example].Info)),
		Text: withSuggestion(t, expand(t, entry.Fails[example]), *finding.Suggestion)}

	before, after := countIDs(lintExamples(t, entry, entry.Fails)), countIDs(lintExamples(t, entry, examples))
	if after[finding.ID] >= before[finding.ID] {
		t.Errorf("%s: %s, and after that: still there\n%s", finding.Path, finding.Message, examples[example].Text)
	}
	for id, count := range after {
		if count > before[id] {
			t.Errorf("%s: %s, and after that: %s\n%s", finding.Path, finding.Message, id, examples[example].Text)
		}
	}
}

func countIDs(findings []lint.Finding) map[string]int {
	counts := map[string]int{}
	for _, finding := range findings {
		counts[finding.ID]++
	}
	return counts
}

// withSuggestion writes the value into a values file, whose comments stay.
func withSuggestion(t *testing.T, text string, suggestion render.Suggestion) string {
	t.Helper()
	path, err := position.ParsePath(suggestion.Path)
	if err != nil {
		t.Fatal(err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatal(err)
	}
	node := document.Content[0]
	for i, step := range path {
		next, remove := childOf(node, step)
		if i == len(path)-1 && suggestion.Value == nil {
			remove()
			break
		}
		node = next
	}
	if suggestion.Value != nil {
		comment := node.LineComment
		if err := node.Encode(suggestion.Value); err != nil {
			t.Fatal(err)
		}
		node.LineComment = comment
	}
	data, err := yaml.Marshal(&document)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// childOf returns the value of a key or item, which comes into being where it is not there, and what removes it.
func childOf(node *yaml.Node, step position.Segment) (child *yaml.Node, remove func()) {
	if step.List {
		return node.Content[step.Index], func() { node.Content = slices.Delete(node.Content, step.Index, step.Index+1) }
	}
	for i := 0; i < len(node.Content); i += 2 {
		if node.Content[i].Value == step.Key {
			return node.Content[i+1], func() { node.Content = slices.Delete(node.Content, i, i+2) }
		}
	}
	if node.Kind != yaml.MappingNode {
		*node = yaml.Node{Kind: yaml.MappingNode}
	}
	child = &yaml.Node{Kind: yaml.MappingNode}
	node.Content = append(node.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: step.Key}, child)
	return child, func() {}
}

// offers are the words by which a message offers a value or a removal.
var offers = regexp.MustCompile(`: (write ("[^"<]+"|[a-zA-Z]+: [^.]|[0-9A-Za-z]+$)|set [a-zA-Z.]+: |remove (it|them|[a-zA-Z]{5,})(,|;|$))`)

// A message that offers a value has it as data too.
func TestOffersAreSuggestions(t *testing.T) {
	for _, id := range catalogue.IDs() {
		entry, err := catalogue.Find(id)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(entry.Fails[0].Info, "manifest") {
			continue
		}
		for _, finding := range lintExamples(t, entry, entry.Fails) {
			if offers.MatchString(finding.Message) && finding.Suggestion == nil && !strings.HasPrefix(id, "yaml-") && !strings.HasPrefix(id, "ignore-") {
				t.Errorf("%s: %s", id, fmt.Sprint(finding.Message))
			}
		}
	}
}
