package render

import (
	"encoding/json"
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

// explain says what is wrong with one value: several problems for several missing or unknown fields.
func (e explainer) explain(err *jsonschema.ValidationError, at position.Path, values map[string]any) []schemaProblem {
	schema := e.doc.at(err.SchemaURL)
	switch k := err.ErrorKind.(type) {
	case *kind.AdditionalProperties:
		return e.unknownFields(schema, at, k.Properties)
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
	p := e.wrongValue(err, schema, position.Lookup(values, at))
	p.at = at
	return []schemaProblem{p}
}

// wrongValue explains the errors that concern a value as a whole.
func (e explainer) wrongValue(err *jsonschema.ValidationError, schema map[string]any, value any) schemaProblem {
	write := e.whatToWrite(schema)
	refused := func(id, format string, args ...any) schemaProblem {
		return schemaProblem{id: id, message: fmt.Sprintf(format, args...) + write, blank: true}
	}
	switch k := err.ErrorKind.(type) {
	case *kind.Type:
		if withoutQuotes(k, value) {
			u := e.unquoted(schema, k, value)
			return schemaProblem{id: FindingType, message: u.message(), blank: true, unquoted: u}
		}
		return refused(FindingType, "must be %s, not %s", typeNames(k.Want), describe(value))
	case *kind.Enum:
		return refused(FindingEnum, "must be %s, not %s%s", alternatives(k.Want), describe(value), didYouMean(value, k.Want))
	case *kind.Const:
		return refused(FindingEnum, "must be %s, not %s", literal(k.Want), describe(value))
	case *kind.Pattern:
		if write == "" {
			write = fmt.Sprintf(": it must match %s", k.Want)
		}
		return refused(FindingPattern, "%s does not have the right form", describe(value))
	case *kind.Format:
		return refused(FindingPattern, "%s is not a valid %s", describe(value), k.Want)
	case *kind.MinLength:
		if k.Got == 0 {
			return refused(FindingRange, "is empty")
		}
		return refused(FindingRange, "%s is too short: at least %d characters", describe(value), k.Want)
	case *kind.MaxLength:
		return refused(FindingRange, "%s is too long: %d characters, at most %d are allowed", describe(value), k.Got, k.Want)
	case *kind.MinItems, *kind.MinProperties, *kind.MaxItems, *kind.MaxProperties:
		return e.wrongCount(err.ErrorKind, write)
	case *kind.Minimum:
		return refused(FindingRange, "must be at least %s, not %s", number(k.Want), number(k.Got))
	case *kind.Maximum:
		return refused(FindingRange, "must be at most %s, not %s", number(k.Want), number(k.Got))
	case *kind.ExclusiveMinimum:
		return refused(FindingRange, "must be more than %s, not %s", number(k.Want), number(k.Got))
	case *kind.ExclusiveMaximum:
		return refused(FindingRange, "must be less than %s, not %s", number(k.Want), number(k.Got))
	case *kind.MultipleOf:
		return refused(FindingRange, "must be a multiple of %s, not %s", number(k.Want), number(k.Got))
	case *kind.Not:
		return schemaProblem{id: FindingConflict, message: "is not allowed" + write}
	case *kind.FalseSchema:
		return schemaProblem{id: FindingConflict, message: "is not allowed here" + write}
	case *kind.AnyOf, *kind.OneOf:
		return schemaProblem{id: FindingConflict, message: "is none of the forms that are allowed" + write, blank: true}
	}
	text := err.ErrorKind.LocalizedString(message.NewPrinter(language.English))
	return schemaProblem{id: FindingConflict, message: text + write}
}

// wrongCount explains the size of lists and maps. They are left for the chart's checks to look at.
func (e explainer) wrongCount(k jsonschema.ErrorKind, write string) schemaProblem {
	p := schemaProblem{id: FindingRange}
	switch k := k.(type) {
	case *kind.MinItems:
		p.message = tooFew(k.Got, k.Want, "item")
	case *kind.MinProperties:
		p.message = tooFew(k.Got, k.Want, "field")
	case *kind.MaxItems:
		p.message = fmt.Sprintf("has %d items, at most %d are allowed", k.Got, k.Want)
	case *kind.MaxProperties:
		p.message = fmt.Sprintf("has %d fields, at most %d are allowed", k.Got, k.Want)
	}
	p.message += write
	return p
}

func tooFew(got, want int, noun string) string {
	if got == 0 {
		return "is empty: write at least " + words.Count(want, noun)
	}
	return fmt.Sprintf("has %s, at least %d are needed", words.Count(got, noun), want)
}

func (e explainer) unknownFields(schema map[string]any, at position.Path, fields []string) []schemaProblem {
	known := e.doc.properties(schema)
	keyPatterns, _ := schema["patternProperties"].(map[string]any)
	var problems []schemaProblem
	for _, field := range slices.Sorted(slices.Values(fields)) {
		p := schemaProblem{id: FindingUnknownField, at: at.Join(position.Key(field)), about: AboutKey}
		near, isNear := words.Nearest(field, known)
		switch {
		case isNear:
			p.message = fmt.Sprintf("unknown field %q: did you mean %q?", field, near)
		case len(keyPatterns) > 0:
			p.id, p.about = FindingPattern, AboutValue
			p.message = fmt.Sprintf("%q does not have the right form for a key: %s", field, e.keyForm(keyPatterns))
		case len(known) == 0:
			p.message = fmt.Sprintf("unknown field %q: no fields are allowed here", field)
		default:
			p.message = fmt.Sprintf("unknown field %q: allowed are %s", field, strings.Join(known, ", "))
		}
		problems = append(problems, p)
	}
	return problems
}

// keyForm says what keys look like. Where the values are entries with a name, it is what the schema says of names.
func (e explainer) keyForm(patterns map[string]any) string {
	var forms []string
	for pattern, schema := range patterns {
		if entry, ok := schema.(map[string]any); ok {
			if name := e.doc.description(e.doc.resolve(e.doc.property(entry, "name"))); name != "" {
				return strings.TrimSuffix(name, ".")
			}
		}
		forms = append(forms, pattern)
	}
	slices.Sort(forms)
	return "it must match " + strings.Join(forms, " or ")
}

func (e explainer) missingFields(location string, at position.Path, fields []string) []schemaProblem {
	var problems []schemaProblem
	for _, field := range fields {
		problems = append(problems, schemaProblem{
			id: FindingRequired, at: at.Join(position.Key(field)), message: "is missing" + e.whatToWrite(e.doc.field(location, field)),
		})
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
	p := e.wrongValue(leaf, e.doc.at(leaf.SchemaURL), key)
	p.at, p.blank = at, false
	return []schemaProblem{p}
}

// whatToWrite is the schema's description, as the end of a sentence.
func (e explainer) whatToWrite(schema map[string]any) string {
	text := e.doc.description(schema)
	if text == "" {
		return ""
	}
	return ": " + strings.TrimSuffix(text, ".")
}

// describe names a value in a sentence: the boolean true, the string "yes", a list.
func describe(value any) string {
	switch v := value.(type) {
	case nil:
		return "null"
	case string:
		const longest = 80
		if r := []rune(v); len(r) > longest {
			v = string(r[:longest]) + "..."
		}
		return fmt.Sprintf("the string %q", v)
	case bool:
		return fmt.Sprintf("the boolean %t", v)
	case []any:
		return "a list"
	case map[string]any:
		return "a map"
	}
	return "the number " + literal(value)
}

func literal(value any) string {
	if value == nil {
		return "null"
	}
	if s, ok := value.(string); ok {
		return s
	}
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(data)
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

func didYouMean(value any, allowed []any) string {
	given, ok := value.(string)
	if !ok {
		return ""
	}
	var candidates []string
	for _, a := range allowed {
		if word, ok := a.(string); ok {
			candidates = append(candidates, word)
		}
	}
	if near, ok := words.Nearest(given, candidates); ok {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	return ""
}
