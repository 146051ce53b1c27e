package manifests

import (
	"bytes"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/istio-egress/istio-egress/position"
)

const templateMessage = "a template, not YAML: render it first, such as by helm template CHART, and give what comes out (- is standard input)"

// action is an action of a template where YAML has a line, an item or a value.
var action = regexp.MustCompile(`^[ \t]*(?:- +)*(?:[^\s:"'#]+:[ \t]+)?\{\{`)

// templateAction returns the place of the first template action of the document that is at fault. Templates are told from
// YAML only where something is wrong: text of a ConfigMap may well hold actions of its own.
func templateAction(data []byte, fault position.Position) (position.Position, bool) {
	lines := bytes.Split(data, []byte("\n"))
	at := max(1, min(fault.Line, len(lines)))
	first, end := at, at
	for first > 1 && !startsDocument(lines[first-1]) {
		first--
	}
	for end < len(lines) && !startsDocument(lines[end]) {
		end++
	}
	document := lines[first-1 : end]
	i := slices.IndexFunc(document, action.Match)
	if i < 0 {
		i = at - first // there it may stand within brackets
	}
	column := bytes.Index(document[i], []byte("{{"))
	if column < 0 {
		return fault, false
	}
	fault.Line, fault.Column = first+i, utf8.RuneCount(document[i][:column])+1
	return fault, true
}

func startsDocument(line []byte) bool { return bytes.HasPrefix(line, []byte("---")) }
