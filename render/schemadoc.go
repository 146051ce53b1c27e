package render

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/position"
)

// schemaDoc is values.schema.json as it is written: what the fields are called, and their descriptions.
type schemaDoc struct {
	root any
}

// at returns the subschema that a location of the validator names.
func (d schemaDoc) at(location string) map[string]any {
	_, pointer, _ := strings.Cut(location, "#")
	node := d.root
	for step := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		if pointer == "" {
			break
		}
		switch n := node.(type) {
		case map[string]any:
			node = n[unescapePointer(step)]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i < 0 || i >= len(n) {
				return nil
			}
			node = n[i]
		default:
			return nil
		}
	}
	schema, _ := node.(map[string]any)
	return schema
}

// unescapePointer reads a step of a JSON pointer in a URL.
func unescapePointer(step string) string {
	if unescaped, err := url.PathUnescape(step); err == nil {
		step = unescaped
	}
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
}

// field returns the schema of a field that the schema at a location requires. "required" often stands apart, in a
// "then", so the schemas around it are asked too.
func (d schemaDoc) field(location, name string) map[string]any {
	for {
		if property := d.property(d.at(location), name); property != nil && !isCondition(location) {
			return property
		}
		i := strings.LastIndex(location, "/")
		if i < strings.IndexByte(location, '#') {
			return nil
		}
		location = location[:i]
	}
}

// isCondition tells whether a location is that of a "then" or "else".
func isCondition(location string) bool {
	return strings.HasSuffix(location, "/then") || strings.HasSuffix(location, "/else")
}

// resolve follows a reference inside of the document.
func (d schemaDoc) resolve(schema map[string]any) map[string]any {
	for range 16 { // a chain of references; a circle is broken
		ref, ok := schema["$ref"].(string)
		if !ok || !strings.HasPrefix(ref, "#") {
			return schema
		}
		schema = d.at(ref)
	}
	return schema
}

// keyword returns the schema's own keyword, else the one of what it refers to.
func (d schemaDoc) keyword(schema map[string]any, name string) any {
	if value, ok := schema[name]; ok {
		return value
	}
	return d.resolve(schema)[name]
}

// keywordMap is a keyword whose value is a map.
func (d schemaDoc) keywordMap(schema map[string]any, name string) map[string]any {
	value, _ := d.keyword(schema, name).(map[string]any)
	return value
}

// example is what a value may look like, nil for schemas without one.
func (d schemaDoc) example(schema map[string]any) any {
	if examples, ok := d.keyword(schema, "examples").([]any); ok && len(examples) > 0 {
		return examples[0]
	}
	return nil
}

// condition is what a condition of the schema, its "then" or "else", says of a field; nil where the location is in none.
func (d schemaDoc) condition(location, field string) map[string]any {
	schema := d.at(location)
	if !isCondition(location) {
		return nil
	}
	properties, _ := schema["properties"].(map[string]any)
	property, _ := properties[field].(map[string]any)
	return property
}

// property returns the schema of a field of a schema.
func (d schemaDoc) property(schema map[string]any, name string) map[string]any {
	for _, s := range []map[string]any{schema, d.resolve(schema)} {
		if properties, ok := s["properties"].(map[string]any); ok {
			if property, ok := properties[name].(map[string]any); ok {
				return property
			}
		}
	}
	return nil
}

// properties returns the names of a schema's fields, sorted. Fields that are there to be refused are none.
func (d schemaDoc) properties(schema map[string]any) []string {
	var names []string
	for _, s := range []map[string]any{schema, d.resolve(schema)} {
		properties, _ := s["properties"].(map[string]any)
		for name, property := range properties {
			if p, ok := property.(map[string]any); ok && p["not"] == nil && !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	return names
}

// along returns the schema of a value: that of the fields, keys and items on the way to it.
func (d schemaDoc) along(path position.Path) map[string]any {
	schema, _ := d.root.(map[string]any)
	for _, step := range path {
		schema = d.child(schema, step)
	}
	return schema
}

func (d schemaDoc) child(schema map[string]any, step position.Segment) map[string]any {
	if step.List {
		return d.keywordMap(schema, "items")
	}
	if property := d.property(schema, step.Key); property != nil {
		return property
	}
	for _, entry := range d.keywordMap(schema, "patternProperties") {
		if entry, ok := entry.(map[string]any); ok {
			return entry
		}
	}
	return nil
}

// below finds a field under a schema, the nearest first, as steps from it: the keys of fields, and an item of a list. It does
// not look beyond a few levels, nor at the schema's own fields.
func (d schemaDoc) below(schema map[string]any, isIt func(parent map[string]any, field string) bool) position.Path {
	type place struct {
		schema map[string]any
		path   position.Path
	}
	const levels = 5
	places := []place{{schema, nil}}
	for len(places) > 0 {
		here := places[0]
		places = places[1:]
		for _, field := range d.properties(here.schema) {
			path := here.path.Join(position.Key(field))
			property := d.property(here.schema, field)
			if len(path) > 1 && isIt(here.schema, field) {
				return path
			}
			if len(path) >= levels {
				continue
			}
			places = append(places, place{property, path})
			if items := d.keywordMap(property, "items"); items != nil {
				places = append(places, place{items, path.Join(position.Index(0))})
			}
		}
	}
	return nil
}
