package render

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
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
		if property := d.property(d.at(location), name); property != nil {
			return property
		}
		i := strings.LastIndex(location, "/")
		if i < strings.IndexByte(location, '#') {
			return nil
		}
		location = location[:i]
	}
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

// description returns the schema's own description, else the one of what it refers to.
func (d schemaDoc) description(schema map[string]any) string {
	if text, ok := schema["description"].(string); ok {
		return text
	}
	text, _ := d.resolve(schema)["description"].(string)
	return text
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
