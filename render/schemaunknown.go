package render

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/position"
)

// unknownFields explains fields that a map does not have: what they are called, or where they belong.
func (e explainer) unknownFields(location string, at position.Path, fields []string, value any) []schemaProblem {
	values, _ := value.(map[string]any)
	fields = slices.Sorted(slices.Values(fields))
	if len(at) == 0 {
		if p, found := e.otherFile(fields, values); found {
			return []schemaProblem{p}
		}
	}
	schema := e.doc.at(location)
	if patterns, _ := schema["patternProperties"].(map[string]any); len(patterns) > 0 {
		return e.wrongKeys(schema, patterns, at, fields)
	}
	var problems []schemaProblem
	for _, field := range fields {
		problems = append(problems, e.unknownField(schema, at, field, values[field]))
	}
	return problems
}

// ofEntries goes before the names of collections.
const ofEntries = " here: it belongs to entries of "

func (e explainer) unknownField(schema map[string]any, at position.Path, field string, value any) schemaProblem {
	p := schemaProblem{id: FindingUnknownField, at: at.Join(position.Key(field)), about: AboutKey}
	if secret := words.Secret(field); secret != "" {
		return p.holding(secret)
	}
	p.message = fmt.Sprintf("unknown field %s", words.Quote(field))
	known := e.doc.properties(schema)
	near, isNear := words.Nearest(field, known)
	below := e.below(schema, field)
	above := e.above(at, field)
	ofTop := above != nil && len(above) == 0
	named := e.named(schema, field)
	if ofTop && !e.hasFieldsOf(e.doc.property(schema, named), value) {
		named = ""
	}
	collections := e.collectionsFor(at, field, below)
	withoutSpace, spaced := e.withSpace(schema, field)
	switch {
	case spaced != "":
		p.message += ": YAML wants a space after the colon: write " + spaced
		p.meant = at.Join(position.Key(withoutSpace))
	case field == "protocol" && isTransport(value):
		p.message += ": every port is TCP, as Istio carries nothing else: remove it"
	case named != "" && isLabels(e.doc, schema, named, value):
		p.message += ": write it as " + inline(named, map[string]any{field: value})
		p.meant = at.Join(position.Key(named))
	case named != "":
		p.message += ": write " + named + " instead"
		p.meant = at.Join(position.Key(named))
	case collections != "":
		p.message += ofEntries + collections
	case len(at) > 0 && below != nil:
		p.message += ": write it as " + outline(below)
		p.meant = at.Join(below...)
	case ofTop && field != "enabled":
		p.message += fmt.Sprintf(" here: %s stands at the top level of the values", field)
	case len(above) > 0 && !isNumberOf(field, near):
		p.message += " here: write it as " + above.Join(position.Key(field)).String()
	case isNear:
		p.message += fmt.Sprintf(": did you mean %q?", near)
		p.meant = at.Join(position.Key(near))
	case len(at) > 0 && isCollection(e.doc, at[0].Key) && e.collectionWith(field) != "":
		p.message += ofEntries + e.collectionWith(field)
	case len(known) == 0:
		p.message += ": no fields are allowed here"
	case len(at) == 0:
		p.message += ": what is your own, such as anchors, goes under global; allowed are " + strings.Join(known, ", ")
	default:
		p.message += ": allowed are " + strings.Join(known, ", ")
	}
	return p
}

// holding explains a secret where the name of a field belongs.
func (p schemaProblem) holding(secret string) schemaProblem {
	p.id, p.message = FindingSecret, fmt.Sprintf("the name of a field is a %s itself: take it out of your values", secret)
	return p
}

// ofEntry tells whether a path is that of an entry, such as externalNameServices[0].
func (e explainer) ofEntry(at position.Path) bool {
	const entryDepth = 2
	return len(at) == entryDepth && isCollection(e.doc, at[0].Key)
}

// withSpace finds a field of the schema and its value in a key such as "mode:SIMPLE", which YAML takes for one text.
func (e explainer) withSpace(schema map[string]any, key string) (field, written string) {
	if !keyWithoutSpace.MatchString(key) {
		return "", ""
	}
	field, value, _ := strings.Cut(key, ":")
	if e.doc.property(schema, field) == nil {
		return "", ""
	}
	return field, field + ": " + value
}

// isNumberOf tells whether one name is the plural of the other.
func isNumberOf(a, b string) bool { return a == b+"s" || b == a+"s" }

// isTransport tells whether a value is a protocol of a Kubernetes port, which are not those of Istio.
func isTransport(value any) bool {
	text, _ := value.(string)
	return slices.Contains([]string{"TCP", "UDP", "SCTP"}, strings.ToUpper(text))
}

// isLabels tells whether a text stands where the field that was meant is a map of texts: a label without the map around it.
func isLabels(doc schemaDoc, schema map[string]any, named string, value any) bool {
	_, isText := value.(string)
	return isText && doc.keyword(doc.property(schema, named), "patternProperties") != nil
}

// below finds the field under the schema, by its name or by another one that people have for it.
func (e explainer) below(schema map[string]any, name string) position.Path {
	return e.doc.below(schema, func(parent map[string]any, field string) bool { return field == name || field == e.named(parent, name) })
}

// collectionWith finds the kinds of entries that have a field, as a sentence names them.
func (e explainer) collectionWith(field string) string {
	root, _ := e.doc.root.(map[string]any)
	lacks := func(name string) bool {
		return e.doc.property(e.doc.keywordMap(e.doc.property(root, name), "items"), field) == nil
	}
	return words.List(slices.DeleteFunc(e.collections(), lacks), "or")
}

// collections are the fields of the top level that hold entries.
func (e explainer) collections() []string {
	root, _ := e.doc.root.(map[string]any)
	return slices.DeleteFunc(e.doc.properties(root), func(name string) bool { return !isCollection(e.doc, name) })
}

// collectionsFor finds the kinds of entries to which a field of another entry, or of the top level, belongs: those that have it,
// else all where it was found below them. It is empty for fields of other values.
func (e explainer) collectionsFor(at position.Path, field string, below position.Path) string {
	if len(at) > 0 && !e.ofEntry(at) {
		return ""
	}
	with := e.collectionWith(field)
	if with == "" && len(at) == 0 && below != nil && below[0].Key != "test" {
		return words.List(e.collections(), "or")
	}
	return with
}

// hasFieldsOf tells whether a value is a map with a field of the schema.
func (e explainer) hasFieldsOf(schema map[string]any, value any) bool {
	fields, _ := value.(map[string]any)
	return slices.ContainsFunc(e.doc.properties(schema), func(name string) bool { _, found := fields[name]; return found })
}

// named finds the field that goes by another name elsewhere.
func (e explainer) named(schema map[string]any, name string) string {
	for _, field := range e.doc.properties(schema) {
		for _, other := range texts(asList(e.doc.property(schema, field)["x-named"])) {
			if strings.EqualFold(other, name) {
				return field
			}
		}
	}
	return ""
}

// above finds the map around a value that has a field of the name.
func (e explainer) above(at position.Path, name string) position.Path {
	for end := range slices.Backward(at) {
		if e.doc.property(e.doc.along(at[:end]), name) != nil {
			return at[:end]
		}
	}
	return nil
}

// outline writes where a field stands, as YAML on one line: ports: [{targetPort: ...}].
func outline(path position.Path) string {
	text := "..."
	for _, step := range slices.Backward(path) {
		if step.List {
			text = "[" + text + "]"
			continue
		}
		text = step.Key + ": " + text
		if step != path[0] {
			text = "{" + text + "}"
		}
	}
	return text
}

// wrongKeys explains keys of a map that has keys of the user's own.
func (e explainer) wrongKeys(schema, patterns map[string]any, at position.Path, keys []string) []schemaProblem {
	known := e.doc.properties(schema)
	var problems []schemaProblem
	for _, key := range keys {
		if secret := words.Secret(key); secret != "" {
			problems = append(problems, schemaProblem{at: at.Join(position.Key(key)), about: AboutKey}.holding(secret))
			continue
		}
		p := schemaProblem{id: FindingPattern, at: at.Join(position.Key(key)), message: fmt.Sprintf("the key must be %s, not %s", e.keyForm(schema, patterns), words.Quote(key))}
		instead := e.spelledKey(patterns, key)
		if instead != "" {
			p.message += ": write " + instead
		}
		if trimmed := strings.TrimLeft(key, "-–—− "); trimmed != key && trimmed != "" {
			p.message = fmt.Sprintf("%s is a key, and no item of a list: write a hyphen and a space, - %s", words.Quote(key), trimmed)
		}
		if near, isNear := words.Nearest(key, known); isNear && instead == "" {
			p.id, p.about, p.message = FindingUnknownField, AboutKey, fmt.Sprintf("unknown field %s: did you mean %q?", words.Quote(key), near)
		}
		problems = append(problems, p)
	}
	return problems
}

// spelledKey is the key that was meant, if it differs by its spelling alone.
func (e explainer) spelledKey(patterns map[string]any, key string) string {
	for _, candidate := range spellings(key) {
		for pattern := range patterns {
			if matched, err := regexp.MatchString(pattern, candidate); err == nil && matched {
				return candidate
			}
		}
	}
	return ""
}

// keyForm says what keys look like. Where the values are entries with a name, it is what the schema says of names.
func (e explainer) keyForm(schema, patterns map[string]any) string {
	if text, ok := e.doc.keywordMap(schema, "propertyNames")["description"].(string); ok {
		return text
	}
	var forms []string
	for _, pattern := range slices.Sorted(maps.Keys(patterns)) {
		entry, _ := patterns[pattern].(map[string]any)
		name := wrongValue{explainer: e, schema: e.doc.resolve(e.doc.property(entry, "name"))}
		if sentence := name.sentence(); sentence != "" {
			return sentence
		}
		forms = append(forms, pattern)
	}
	return "of the form " + strings.Join(forms, " or ")
}

// otherFile recognises files that are no values of this chart.
func (e explainer) otherFile(fields []string, values map[string]any) (schemaProblem, bool) {
	root, _ := e.doc.root.(map[string]any)
	known := e.doc.properties(root)
	if slices.ContainsFunc(known, func(field string) bool { return isCollection(e.doc, field) && !isEmpty(values[field]) }) {
		return schemaProblem{}, false
	}
	kind, _ := values["kind"].(string)
	if _, versioned := values["apiVersion"].(string); versioned && kind != "" {
		return e.manifest(kind, values), true
	}
	for _, field := range fields {
		if path := e.valuesBelow(position.Path{position.Key(field)}, values[field], known); path != nil {
			return schemaProblem{id: FindingParent, at: position.Path{position.Key(field)}, about: AboutKey, message: fmt.Sprintf(
				"these are the values of a parent chart, and this chart's own stand under %s: lint those by --key %s", path, path)}, true
		}
	}
	return schemaProblem{}, false
}

func isEmpty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case []any:
		return len(v) == 0
	case map[string]any:
		return len(v) == 0
	}
	return false
}

// manifest explains a Kubernetes object in place of values.
func (e explainer) manifest(kind string, values map[string]any) schemaProblem {
	p := schemaProblem{id: FindingManifest, at: position.Path{position.Key("kind")}, about: AboutKey}
	p.message = fmt.Sprintf("a Kubernetes object (%s) is no values file: lint it by render lint --manifests FILE", words.Shown(kind))
	root, _ := e.doc.root.(map[string]any)
	if path := e.valuesBelow(position.Path{position.Key("spec")}, values["spec"], e.doc.properties(root)); path != nil {
		p.message = fmt.Sprintf("a Kubernetes object (%s) is no values file, and has values under %s: lint those by --key %s", words.Shown(kind), path, path)
	}
	return p
}

// valuesBelow finds the map in a value that has fields of this chart.
func (e explainer) valuesBelow(at position.Path, value any, known []string) position.Path {
	fields, ok := value.(map[string]any)
	const levels = 4 // spec.source.helm.valuesObject
	if !ok || len(at) > levels {
		return nil
	}
	for _, name := range known {
		if _, found := fields[name]; found && isCollection(e.doc, name) {
			return at
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if path := e.valuesBelow(at.Join(position.Key(name)), fields[name], known); path != nil {
			return path
		}
	}
	return nil
}

// isCollection tells whether a field of the top level holds entries: its name alone tells a file of this chart's values.
func isCollection(doc schemaDoc, name string) bool {
	root, _ := doc.root.(map[string]any)
	return doc.keyword(doc.property(root, name), "patternProperties") != nil && doc.keyword(doc.property(root, name), "items") != nil
}
