package render

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// ofType explains a value of the wrong type.
func (w wrongValue) ofType(k *kind.Type) schemaProblem {
	if w.condition() != nil && len(k.Want) == 1 && k.Want[0] == "null" {
		p := w.refused(FindingType, "%s", strings.TrimPrefix(w.reason(w.schema), ": "))
		p.about, p.suggestion = AboutKey, &Suggestion{Path: w.at.String()}
		return p
	}
	if withoutQuotes(k, w.value) {
		return w.ofUnquoted(k)
	}
	must := fmt.Sprintf("must be %s, not %s", typeNames(k.Want), describe(w.value))
	if instead, found := w.converted(); found {
		p := w.repaired(FindingType, instead, "%s", must)
		if isScalar(instead) && w.text() == literal(instead) {
			p.message += ", without quotes"
		}
		return p
	}
	return w.refused(FindingType, "%s%s", must, w.instead(k))
}

var (
	ports       = regexp.MustCompile(`^\s*[0-9]+\s*[-:,]\s*[0-9]+`)
	mappedPorts = regexp.MustCompile(`^\s*([0-9]{2,5}):([0-9]{2,5})\s*$`)
	// keyWithoutSpace is a key and its value that YAML takes for one text.
	keyWithoutSpace = regexp.MustCompile(`^[A-Za-z]+:[^\s:/]+`)
	assignment      = regexp.MustCompile(`^\s*([^\s=:]+)\s*[=:]\s*(\S+)\s*$`)
)

// instead says what to write where no value can be told.
func (w wrongValue) instead(k *kind.Type) string {
	switch {
	case takes(k, "integer") && mappedPorts.MatchString(w.text()):
		match := mappedPorts.FindStringSubmatch(w.text())
		return fmt.Sprintf(": write port: %s and targetPort: %s", match[1], match[2])
	case takes(k, "object") && w.doc.property(w.schema, "targetPort") != nil && mappedPorts.MatchString(w.text()):
		match := mappedPorts.FindStringSubmatch(w.text())
		return fmt.Sprintf(": write one such as {name: http, port: %s, targetPort: %s}", match[1], match[2])
	case takes(k, "integer") && ports.MatchString(w.text()):
		return ": each port stands by itself, as an item of ports, and there are no ranges"
	case takes(k, "object") && keyWithoutSpace.MatchString(w.text()):
		field, value, _ := strings.Cut(keyWithoutSpace.FindString(w.text()), ":")
		return fmt.Sprintf(": YAML wants a space after the colon: write %s: %s", field, value)
	}
	return w.example()
}

// converted finds the value that was meant.
func (w wrongValue) converted() (any, bool) {
	for _, candidate := range w.candidates() {
		if w.accepts(w.location, candidate) {
			return candidate, true
		}
	}
	return nil, false
}

func (w wrongValue) candidates() []any {
	var all []any
	switch v := w.value.(type) {
	case string:
		all = append(all, scalars(v)...)
		all = append(all, w.mapsOf(v)...)
		all = append(all, separated(v), []any{v})
	case []any:
		if len(v) == 1 {
			all = append(all, v[0])
		}
		if joined, ok := joinMaps(v); ok {
			all = append(all, joined)
		}
		if fields := assigned(v); len(fields) > 0 {
			all = append(all, fields)
		}
		if words := texts(v); len(words) == len(v) {
			all = append(all, strings.Join(words, ","))
		}
	case map[string]any:
		all = append(all, []any{v}, namedPorts(v))
		for _, only := range v {
			if len(v) == 1 {
				all = append(all, only)
			}
		}
	case nil:
	default:
		all = append(all, []any{v})
		if fields := w.mapWith(v); fields != nil {
			all = append(all, fields)
		}
	}
	return all
}

// assigned is the map of a list of texts of the form key=value; nil for other lists.
func assigned(items []any) map[string]any {
	fields := map[string]any{}
	for _, item := range items {
		text, _ := item.(string)
		match := assignment.FindStringSubmatch(text)
		if match == nil {
			return nil
		}
		fields[match[1]] = match[2]
	}
	return fields
}

// mapWith is a map with the value for the field that is required, or that switches the others on.
func (w wrongValue) mapWith(value any) map[string]any {
	for _, name := range append(texts(asList(w.doc.keyword(w.schema, "required"))), "enabled") {
		if w.doc.property(w.schema, name) != nil {
			return map[string]any{name: value}
		}
	}
	return nil
}

var leadingNumber = regexp.MustCompile(`^\s*([0-9]+)\s*(?:/[A-Za-z]+)?\s*$`)

// scalars are numbers and booleans that a text may mean.
func scalars(text string) []any {
	var all []any
	if match := leadingNumber.FindStringSubmatch(text); match != nil {
		if number, err := strconv.ParseInt(match[1], 10, 64); err == nil {
			all = append(all, number)
		}
	}
	if number, err := strconv.ParseFloat(strings.TrimSpace(text), 64); err == nil && len(all) == 0 {
		all = append(all, number)
	}
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "true", "yes", "on":
		all = append(all, true)
	case "false", "no", "off":
		all = append(all, false)
	}
	return all
}

// mapsOf are maps that a text may mean: with the word of an enumeration, such as {mode: DISABLE}, or of the form key=value.
func (w wrongValue) mapsOf(text string) []any {
	var all []any
	for _, name := range w.doc.properties(w.schema) {
		property := w.doc.property(w.schema, name)
		for _, word := range texts(asList(w.doc.keyword(property, "enum"))) {
			if strings.EqualFold(word, strings.TrimSpace(text)) {
				all = append(all, map[string]any{name: word})
			}
		}
		if match := assignment.FindStringSubmatch(text); match != nil {
			all = append(all, map[string]any{name: map[string]any{match[1]: match[2]}})
		}
	}
	if match := assignment.FindStringSubmatch(text); match != nil {
		all = append(all, map[string]any{match[1]: match[2]})
	}
	return all
}

// separated are the parts of a text between commas and white space.
func separated(text string) []any {
	var items []any
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' || r == ';' }) {
		items = append(items, part)
	}
	return items
}

// joinMaps joins a list of maps without a key in common.
func joinMaps(items []any) (map[string]any, bool) {
	joined := map[string]any{}
	for _, item := range items {
		fields, ok := item.(map[string]any)
		if !ok {
			return nil, false
		}
		for key, value := range fields {
			if _, twice := joined[key]; twice {
				return nil, false
			}
			joined[key] = value
		}
	}
	return joined, len(joined) > 0
}

// namedPorts is a list of ports for a map from name to port, as a number or with its fields.
func namedPorts(fields map[string]any) []any {
	var list []any
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		port := map[string]any{"port": fields[name]}
		if below, isMap := fields[name].(map[string]any); isMap {
			port = maps.Clone(below)
		}
		port["name"] = name
		list = append(list, port)
	}
	return list
}

// unquoted has the parts of the sentence about a word or number that lacks the quotes of a string.
type unquoted struct {
	want, is string
	also     string // how else the value may be written
	word     bool   // any string will do, so quotes are the repair; else it is one of an enumeration's words, or write
	write    string
}

// withoutQuotes is true where a string belongs and YAML read something else, such as false for n, no, off and OFF.
func withoutQuotes(k *kind.Type, value any) bool {
	switch value.(type) {
	case nil, string, []any, map[string]any:
		return false
	}
	return takes(k, "string")
}

// ofUnquoted explains a number or boolean where a string belongs.
func (w wrongValue) ofUnquoted(k *kind.Type) schemaProblem {
	u := &unquoted{want: typeNames(k.Want), is: describe(w.value), word: true}
	if yes, ok := w.value.(bool); ok {
		u.also = map[bool]string{false: " (as n, no and off without quotes are)", true: " (as y, yes and on without quotes are)"}[yes]
	}
	if instead, found := w.withUnit(); found {
		return w.repaired(FindingType, instead, "must be %s, not %s", w.sentence(), describe(w.value))
	}
	p := schemaProblem{id: FindingType, blank: true, unquoted: u}
	if allowed := asList(w.doc.keyword(w.schema, "enum")); len(texts(allowed)) > 0 {
		u.want, u.word = alternatives(allowed), false
		hint, word := w.hint(allowed)
		if word != "" {
			hint, p.suggestion = word, &Suggestion{Path: w.at.String(), Value: word}
		}
		u.write = hint
	}
	if u.word && (w.isHost() || !w.accepts(w.location, literal(w.value))) { // quotes alone would not help
		u.word, u.write = false, strings.TrimPrefix(w.example(), ": write ")
	}
	p.message = u.message()
	return p
}

// isHost tells whether the value is a host or an address: no number or boolean is one in quotes either, which the chart says.
func (w wrongValue) isHost() bool {
	last := len(w.at) - 1
	return last >= 1 && (w.at[last].Key == "externalName" || w.at[last].List && w.at[last-1].Key == "addresses")
}

// withUnit is a number of seconds, where a duration belongs.
func (w wrongValue) withUnit() (string, bool) {
	text := literal(w.value)
	seconds := text + "s"
	return seconds, !w.accepts(w.location, text) && w.accepts(w.location, seconds)
}

// message is the sentence without the text of the file, which the values do not have.
func (u *unquoted) message() string {
	repair := ""
	switch {
	case u.write != "":
		repair = ": write " + u.write
	case u.word:
		repair = ", so write it in quotes, or set it by --set-string"
	}
	return fmt.Sprintf("must be %s, not %s%s%s", u.want, u.is, u.also, repair)
}

func (u *unquoted) messageFor(text string) string {
	repair := ""
	switch {
	case u.write != "":
		repair = ": write " + u.write
	case u.word:
		repair = fmt.Sprintf(", so write %q", text)
	}
	return fmt.Sprintf("must be %s, and %s without quotes is %s%s", u.want, text, u.is, repair)
}

// MessageFor returns the message for a value whose text in the values file is known: YAML makes false of n, which is not
// to be found in the file. For other findings it is the [Finding.Message].
func (f Finding) MessageFor(text string) string {
	if f.unquoted == nil || text == "" {
		return f.Message
	}
	return f.unquoted.messageFor(text)
}

// SuggestionFor returns the suggestion for a value whose text in the values file is known, as [Finding.MessageFor] offers it.
func (f Finding) SuggestionFor(text string) *Suggestion {
	if f.unquoted == nil || text == "" || !f.unquoted.word {
		return f.Suggestion
	}
	return &Suggestion{Path: f.Path, Value: text}
}

func asList(value any) []any {
	list, _ := value.([]any)
	return list
}
