package render

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/position"
)

// explain says what is wrong with a value: several problems for several missing or unknown fields.
func (e explainer) explain(err *jsonschema.ValidationError, at position.Path, values map[string]any) []schemaProblem {
	value := position.Lookup(values, at)
	switch k := err.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		return e.unknownFields(err.SchemaURL, at, k.Properties, value)
	case *kind.Required:
		return e.missingFields(err.SchemaURL, at, k.Missing)
	case *kind.DependentRequired:
		return e.neededFields(err.SchemaURL, at, k.Prop, k.Missing)
	case *kind.Dependency:
		return e.neededFields(err.SchemaURL, at, k.Prop, k.Missing)
	case *kind.PropertyNames:
		return e.wrongKey(err, at.Join(position.Key(k.Property)), k.Property)
	case *kind.UniqueItems:
		return []schemaProblem{{
			id: FindingConflict, at: at.Join(position.Index(k.Duplicates[1])), related: []position.Path{at.Join(position.Index(k.Duplicates[0]))}, blank: true,
			message: fmt.Sprintf("is the same as item %d: write each once", k.Duplicates[0]),
		}}
	}
	p := e.wrongValue(err, at, value)
	p.at = at
	return []schemaProblem{p}
}

// wrongValue explains the errors that concern a value as a whole.
func (e explainer) wrongValue(err *jsonschema.ValidationError, at position.Path, value any) schemaProblem {
	wrong := wrongValue{explainer: e, location: err.SchemaURL, schema: e.doc.at(err.SchemaURL), at: at, value: value}
	if p, found := wrong.unfilled(); found {
		return p
	}
	switch k := err.ErrorKind.(type) {
	case *kind.Type:
		return wrong.ofType(k)
	case *kind.Enum:
		return wrong.ofWords(k.Want)
	case *kind.Const:
		return wrong.ofConst(k.Want)
	case *kind.Pattern:
		return wrong.ofForm("of the right form")
	case *kind.Format:
		return wrong.ofForm("a valid " + k.Want)
	case *kind.Not:
		return schemaProblem{id: FindingConflict, message: "is not allowed here" + e.reason(wrong.schema)}
	case *kind.FalseSchema:
		return schemaProblem{id: FindingConflict, message: "is not allowed here" + e.reason(wrong.schema)}
	case *kind.AnyOf, *kind.OneOf:
		return schemaProblem{id: FindingConflict, message: "is none of the forms that are allowed" + wrong.example(), blank: true}
	}
	if p, found := wrong.ofSize(err.ErrorKind); found {
		return p
	}
	text := err.ErrorKind.LocalizedString(message.NewPrinter(language.English))
	return schemaProblem{id: FindingConflict, message: words.Shown(text)}
}

// ofSize explains what is too small, too large, too short, too long, too few or too many.
func (w wrongValue) ofSize(k jsonschema.ErrorKind) (schemaProblem, bool) {
	switch k := k.(type) {
	case *kind.MinLength:
		if k.Got == 0 {
			return w.refused(FindingRange, "is empty%s", w.example()), true
		}
		return w.refused(FindingRange, "%s is too short: at least %d characters", words.Quote(w.text()), k.Want), true
	case *kind.MaxLength:
		return w.refused(FindingRange, "has %d characters, at most %d are allowed", k.Got, k.Want), true
	case *kind.MinItems, *kind.MinProperties, *kind.MaxItems, *kind.MaxProperties:
		return w.wrongCount(k), true
	case *kind.Minimum:
		return w.refused(FindingRange, "must be at least %s, not %s", number(k.Want), number(k.Got)), true
	case *kind.Maximum:
		return w.refused(FindingRange, "must be at most %s, not %s", number(k.Want), number(k.Got)), true
	case *kind.ExclusiveMinimum:
		return w.refused(FindingRange, "must be more than %s, not %s", number(k.Want), number(k.Got)), true
	case *kind.ExclusiveMaximum:
		return w.refused(FindingRange, "must be less than %s, not %s", number(k.Want), number(k.Got)), true
	case *kind.MultipleOf:
		return w.refused(FindingRange, "must be a multiple of %s, not %s", number(k.Want), number(k.Got)), true
	}
	return schemaProblem{}, false
}

// wrongCount explains the size of lists and maps. They are left for the chart's checks to look at.
func (w wrongValue) wrongCount(k jsonschema.ErrorKind) schemaProblem {
	p := schemaProblem{id: FindingRange}
	switch k := k.(type) {
	case *kind.MinItems:
		p.message = tooFew(k.Got, k.Want, "item") + w.example()
	case *kind.MinProperties:
		p.message = tooFew(k.Got, k.Want, "field") + w.example()
	case *kind.MaxItems:
		p.message = fmt.Sprintf("has %d items, at most %d are allowed", k.Got, k.Want)
	case *kind.MaxProperties:
		p.message = fmt.Sprintf("has %d fields, at most %d are allowed", k.Got, k.Want)
	}
	return p
}

func tooFew(got, want int, noun string) string {
	if got == 0 {
		return "is empty"
	}
	return fmt.Sprintf("has %s, at least %d are needed", words.Count(got, noun), want)
}

func (e explainer) missingFields(location string, at position.Path, fields []string) []schemaProblem {
	var problems []schemaProblem
	for _, field := range fields {
		message := "is missing"
		if condition := e.doc.condition(location, field); condition != nil {
			message += e.reason(condition)
		}
		if write := e.whatToWrite(location, field); write != "" {
			message += map[bool]string{false: ": ", true: "; "}[strings.Contains(message, ":")] + write
		}
		problems = append(problems, schemaProblem{id: FindingRequired, at: at.Join(position.Key(field)), message: message})
	}
	return problems
}

func (e explainer) neededFields(location string, at position.Path, given string, fields []string) []schemaProblem {
	problems := e.missingFields(location, at, fields)
	for i := range problems {
		problems[i].message = strings.Replace(problems[i].message, "is missing", fmt.Sprintf("is missing: %s needs it", given), 1)
		problems[i].related = []position.Path{at.Join(position.Key(given))}
	}
	return problems
}

// wrongKey explains why a key of a map is refused: by what is wrong with it as a string.
func (e explainer) wrongKey(err *jsonschema.ValidationError, at position.Path, key string) []schemaProblem {
	leaf := err
	for len(leaf.Causes) > 0 {
		leaf = leaf.Causes[0]
	}
	p := e.wrongValue(leaf, at, key)
	p.at, p.blank, p.suggestion = at, false, nil
	return []schemaProblem{p}
}

// reason is what a condition of the schema says, as the next part of a sentence.
func (e explainer) reason(condition map[string]any) string {
	text, _ := condition["description"].(string)
	if text == "" {
		return ""
	}
	return ": " + lowerFirst(strings.TrimSuffix(text, "."))
}

// whatToWrite is the end of a sentence about a field that is missing.
func (e explainer) whatToWrite(location, field string) string {
	schema := e.doc.field(location, field)
	if condition := e.doc.condition(location, field); condition["const"] != nil {
		return "write " + inline(field, condition["const"])
	}
	if allowed, ok := e.doc.keyword(schema, "enum").([]any); ok {
		return "write " + field + ": " + alternatives(allowed)
	}
	if example := e.doc.example(schema); example != nil {
		return "write one such as " + inline(field, example)
	}
	return ""
}

func lowerFirst(text string) string {
	if len(text) > 1 && text[1] >= 'a' && text[1] <= 'z' {
		return strings.ToLower(text[:1]) + text[1:]
	}
	return text
}

// describe names a value in a sentence: the boolean true, "yes", a list.
func describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		return "the string " + words.Quote(v)
	case bool:
		return fmt.Sprintf("the boolean %t", v)
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	}
	return "the number " + literal(value)
}

func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return literal(f)
}

// typeNames names the types that a value may have; null, which unsets a field, goes without saying.
func typeNames(types []string) string {
	names := map[string]string{
		"array": "a list", "object": "a map", "string": "a string", "boolean": "true or false",
		"integer": "a whole number", "number": "a number", "null": "null",
	}
	var wanted []string
	for _, t := range types {
		if t != "null" || len(types) == 1 {
			wanted = append(wanted, names[t])
		}
	}
	return words.List(wanted, "or")
}

// alternatives lists the words of an enumeration.
func alternatives(values []any) string {
	var all []string
	for _, v := range values {
		if v != nil {
			all = append(all, literal(v))
		}
	}
	return words.List(all, "or")
}

// texts are the words of an enumeration that are strings.
func texts(values []any) []string {
	var all []string
	for _, v := range values {
		if text, ok := v.(string); ok {
			all = append(all, text)
		}
	}
	return all
}

func takes(k *kind.Type, name string) bool { return slices.Contains(k.Want, name) }
