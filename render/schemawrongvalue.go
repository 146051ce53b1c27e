package render

import (
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/position"
)

// wrongValue is a value that a schema refuses.
type wrongValue struct {
	explainer
	location string // of the schema
	schema   map[string]any
	at       position.Path
	value    any
}

func (w wrongValue) text() string {
	text, _ := w.value.(string)
	return text
}

// refused is a problem of the value that leaves it of no use to the chart's own checks.
func (w wrongValue) refused(id, format string, args ...any) schemaProblem {
	return schemaProblem{id: id, message: fmt.Sprintf(format, args...), blank: true}
}

// repaired is refused, with the value to write instead.
func (w wrongValue) repaired(id string, instead any, format string, args ...any) schemaProblem {
	p := w.refused(id, format, args...)
	write := flow(instead)
	if last := len(w.at) - 1; last >= 0 && !w.at[last].List && !isScalar(instead) {
		write = inline(w.at[last].Key, instead)
	}
	p.message += ": write " + write
	p.suggestion = &Suggestion{Path: w.at.String(), Value: instead}
	return p
}

// example is the end of a sentence about a value that is empty, or not at all what belongs there.
func (w wrongValue) example() string {
	example := w.exampleHere()
	if example == nil {
		return ""
	}
	if last := len(w.at) - 1; last >= 0 && !w.at[last].List {
		return ": write one such as " + inline(w.at[last].Key, example)
	}
	return ": write one such as " + flow(example)
}

// exampleHere is the example of the schema, as it fits to where it stands: an entry below its name has no name field, and the
// host that somebody wrote in place of an entry is the example's.
func (w wrongValue) exampleHere() any {
	example := w.doc.example(w.schema)
	entry, isEntry := example.(map[string]any)
	if !isEntry || entry["externalName"] == nil {
		return example
	}
	entry = maps.Clone(entry)
	if host := hostOf(w.text() + "/"); strings.Contains(host, ".") {
		entry["externalName"], entry["name"] = host, strings.Split(host, ".")[0]
	}
	if last := len(w.at) - 1; last > 0 && !w.at[last].List {
		delete(entry, "name")
	}
	return entry
}

var variable = regexp.MustCompile(`\$\{[^}]*\}|\$\([^)]*\)|\$[A-Za-z_][A-Za-z0-9_]*`)

// unfilled explains texts that hold what another program should have filled in, and keys that nobody should read.
func (w wrongValue) unfilled() (schemaProblem, bool) {
	text := w.text()
	if secret := words.Secret(text); secret != "" {
		if strings.Contains(w.sentence(), "path of a file") {
			return w.refused(FindingSecret, "holds a %s itself: write the path of a file in the sidecar, and take the %s out of your values",
				secret, strings.TrimPrefix(secret, "private ")), true
		}
		return w.refused(FindingSecret, "holds a %s itself: take it out of your values", secret), true
	}
	if strings.Contains(text, "{{") {
		return w.refused(FindingPattern, "holds a template, and nothing is filled in there, as values are no templates: write the text itself"), true
	}
	if name := variable.FindString(text); name != "" {
		return w.refused(FindingPattern, "nothing filled in the variable %s: write the value itself, or have it filled in before the file is read", words.Quote(name)), true
	}
	return schemaProblem{}, false
}

// sentence is what the value must be, in the words of the schema; empty where it has none. It stands in a const that no value
// fulfils, so that Helm prints it, and not the value.
func (w wrongValue) sentence() string {
	for _, schema := range []map[string]any{w.schema, w.doc.keywordMap(w.schema, "else")} {
		if text, ok := schema["const"].(string); ok && strings.Contains(text, " ") {
			return text
		}
	}
	return ""
}

const leftOut = "left out: "

// ofConst explains a const of the schema: a sentence, or the only value that another field leaves.
func (w wrongValue) ofConst(want any) schemaProblem {
	sentence := w.sentence()
	switch {
	case strings.HasPrefix(sentence, leftOut):
		p := w.refused(FindingConflict, "must be %s", sentence)
		p.about, p.suggestion = AboutKey, &Suggestion{Path: w.at.String()}
		return p
	case sentence != "":
		return w.ofForm(sentence)
	}
	p := w.repaired(FindingEnum, want, "must be %s, not %s%s", literal(want), describe(w.value), w.reason(w.schema))
	return p
}

// ofForm explains a text that does not look as it must.
func (w wrongValue) ofForm(must string) schemaProblem {
	if instead, found := w.respelled(); found {
		return w.repaired(FindingPattern, instead, "must be %s, not %s", must, words.Quote(w.text()))
	}
	return w.refused(FindingPattern, "must be %s, not %s", must, words.Quote(w.text()))
}

// ofWords explains a value that is none of an enumeration's.
func (w wrongValue) ofWords(want []any) schemaProblem {
	must := fmt.Sprintf("must be %s, not %s%s", alternatives(want), describe(w.value), w.reason(w.condition()))
	hint, word := w.hint(want)
	switch {
	case word != "":
		return w.repaired(FindingEnum, word, "%s", must)
	case hint != "":
		return w.refused(FindingEnum, "%s: write %s", must, hint)
	case w.condition() != nil:
		p := w.refused(FindingEnum, "%s; remove one of them", must)
		return p
	}
	return w.refused(FindingEnum, "%s", must)
}

// condition is the schema, if it is part of a condition.
func (w wrongValue) condition() map[string]any {
	if strings.Contains(w.location, "/then/") || strings.Contains(w.location, "/else/") {
		return w.schema
	}
	return nil
}

// hint is what the schema says of a wrong word: a sentence, or the word of the enumeration that was meant.
func (w wrongValue) hint(want []any) (sentence, word string) {
	given := literal(w.value)
	allowed := texts(want)
	hints := w.doc.keywordMap(w.schema, "x-hints")
	if hint, ok := hints[strings.ToLower(given)].(string); ok {
		for _, word := range allowed {
			if word == hint {
				return "", word
			}
		}
		return hint, ""
	}
	if near, ok := words.Nearest(given, allowed); ok {
		return "", near
	}
	return "", ""
}
