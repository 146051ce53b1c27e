package render

import (
	"fmt"
	"slices"

	"github.com/istio-egress/istio-egress/position"
)

// withoutKeys replaces what is said of a collection that is an entry itself, whose fields would be the keys of entries.
func (e explainer) withoutKeys(all []schemaProblem, values map[string]any) []schemaProblem {
	root, _ := e.doc.root.(map[string]any)
	for _, name := range e.doc.properties(root) {
		if list, isList := values[name].([]any); isList && isCollection(e.doc, name) {
			all = e.withoutNamed(all, name, list)
		}
		entry, isMap := values[name].(map[string]any)
		if !isMap || !isCollection(e.doc, name) || !e.isEntry(e.doc.keywordMap(e.doc.property(root, name), "items"), entry) {
			continue
		}
		at := position.Path{position.Key(name)}
		all = slices.DeleteFunc(all, func(p schemaProblem) bool { return p.at.Within(at) })
		all = append(all, schemaProblem{id: FindingType, at: at, blank: true,
			message: fmt.Sprintf("is an entry itself, and must be a list of entries, or a map from name to entry: write %s: [{...}], or %s: {NAME: {...}}", name, name)})
	}
	return all
}

// withoutNamed replaces what is said of items that hold an entry below its name, as the map form does.
func (e explainer) withoutNamed(all []schemaProblem, collection string, items []any) []schemaProblem {
	root, _ := e.doc.root.(map[string]any)
	schema := e.doc.keywordMap(e.doc.property(root, collection), "items")
	for i, item := range items {
		fields, _ := item.(map[string]any)
		for name, value := range fields {
			entry, isMap := value.(map[string]any)
			if !isMap || len(fields) != 1 || e.doc.property(schema, name) != nil || !e.isEntry(schema, entry) {
				continue
			}
			at := position.Path{position.Key(collection), position.Index(i)}
			all = slices.DeleteFunc(all, func(p schemaProblem) bool { return p.at.Within(at) })
			all = append(all, schemaProblem{id: FindingType, at: at.Join(position.Key(name)), about: AboutKey, message: fmt.Sprintf(
				"an item of a list has its name in a field: write - name: %s with the other fields beside it, or leave out the hyphens for a map from name to entry", name)})
		}
	}
	return all
}

// isEntry tells whether a map has fields of an entry, at least one of them with a value that is no entry.
func (e explainer) isEntry(schema, fields map[string]any) bool {
	known, other := 0, false
	for name, value := range fields {
		if e.doc.property(schema, name) == nil {
			continue
		}
		known++
		if _, isMap := value.(map[string]any); !isMap && value != nil {
			other = true
		}
	}
	return known > 1 && other
}
