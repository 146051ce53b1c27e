package valuesgen

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/istio-egress/istio-egress/charts"
)

// schema is a part of the chart's values.schema.json, as far as values can be made from it. The finished value is held
// against all of it.
type schema struct {
	Ref              string             `json:"$ref"`
	Type             types              `json:"type"`
	Enum             []any              `json:"enum"`
	Properties       map[string]*schema `json:"properties"`
	Required         []string           `json:"required"`
	Minimum          *float64           `json:"minimum"`
	ExclusiveMinimum *float64           `json:"exclusiveMinimum"`
	Maximum          *float64           `json:"maximum"`
	Pattern          string             `json:"pattern"`
	If               *schema            `json:"if"` // of a text: the pattern, beside what to say where it does not fit
	Definitions      map[string]*schema `json:"$defs"`
}

// types are the types that a schema allows: one, or a list of them.
type types []string

func (t *types) UnmarshalJSON(data []byte) error {
	if data[0] != '"' {
		return json.Unmarshal(data, (*[]string)(t))
	}
	*t = types{""}
	return json.Unmarshal(data, &(*t)[0])
}

// definitions reads the chart's schema once: its definitions by name.
var definitions = sync.OnceValue(func() map[string]*schema {
	var document schema
	if err := json.Unmarshal(schemaFile(), &document); err != nil {
		panic(err) // the chart's own file
	}
	return document.Definitions
})

func schemaFile() []byte {
	data, err := fs.ReadFile(charts.IstioEgress(), "values.schema.json")
	if err != nil {
		panic(err)
	}
	return data
}

// resolve follows a reference to a definition.
func (s *schema) resolve() *schema {
	if name, ok := strings.CutPrefix(s.Ref, "#/$defs/"); ok {
		return definitions()[name]
	}
	return s
}

// Properties returns the paths of all values that a definition of the chart's schema allows, sorted, such as
// connectionPool.tcp.maxConnections of trafficPolicy. Lists are left out of paths.
func Properties(definition string) []string {
	var paths []string
	var find func(prefix string, s *schema)
	find = func(prefix string, s *schema) {
		for name, property := range s.Properties {
			if property = property.resolve(); property.Properties != nil {
				find(prefix+name+".", property)
			} else {
				paths = append(paths, prefix+name)
			}
		}
	}
	find("", definitions()[definition])
	slices.Sort(paths)
	return paths
}

// validators compiles what the values of a definition are held against.
var validators = sync.OnceValue(func() map[string]*jsonschema.Schema {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(schemaFile()))
	if err != nil {
		panic(err)
	}
	const url = "file:///values.schema.json"
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(url, document); err != nil {
		panic(err)
	}
	compiled := map[string]*jsonschema.Schema{}
	for name := range definitions() {
		compiled[name] = compiler.MustCompile(url + "#/$defs/" + name)
	}
	return compiled
})

// trafficPolicy makes a policy that the chart's schema takes.
func (g *generator) trafficPolicy() map[string]any {
	const definition = "trafficPolicy"
	for {
		value := g.object(definitions()[definition])
		if validators()[definition].Validate(value) == nil {
			return value
		}
	}
}

func (g *generator) object(s *schema) map[string]any {
	object := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		property := s.Properties[name].resolve()
		switch {
		case slices.Contains(s.Required, name) || g.chance(3):
			object[name] = g.value(name, property)
		case slices.Contains(property.Type, "null") && !isChoice(name) && g.chance(20):
			object[name] = nil
		}
	}
	g.choose(s, object)
	return object
}

// choices are fields that exclude each other, which the chart checks: of those with "needed", one is there.
var choices = []struct {
	fields []string
	needed bool
}{
	{fields: []string{"simple", "consistentHash"}},
	{fields: []string{"httpHeaderName", "httpQueryParameterName", "httpCookie", "useSourceIp"}, needed: true},
	{fields: []string{"ringHash", "maglev"}},
}

func isChoice(field string) bool {
	for _, choice := range choices {
		if slices.Contains(choice.fields, field) {
			return true
		}
	}
	return false
}

// choose leaves one of the fields that exclude each other.
func (g *generator) choose(s *schema, object map[string]any) {
	for _, choice := range choices {
		if s.Properties[choice.fields[0]] == nil {
			continue
		}
		var there []string
		for _, field := range choice.fields {
			if object[field] != nil {
				there = append(there, field)
			}
		}
		if there == nil && !choice.needed {
			continue
		}
		if there == nil {
			there = choice.fields
		}
		chosen := g.pick(there...)
		for _, field := range choice.fields {
			switch {
			case field != chosen:
				delete(object, field)
			case object[field] == nil:
				object[field] = g.value(field, s.Properties[field].resolve())
			}
		}
	}
}

func (g *generator) value(name string, s *schema) any {
	if s.Enum != nil {
		values := slices.DeleteFunc(slices.Clone(s.Enum), func(value any) bool { return value == nil })
		return values[g.IntN(len(values))]
	}
	switch s.Type[0] {
	case "object":
		return g.object(s)
	case "boolean":
		return g.chance(2)
	case "integer":
		return math.Floor(g.between(s))
	case "number":
		return g.between(s)
	case "string":
		return g.text(name, s)
	}
	panic(fmt.Sprintf("no values are made of the type %s of %s", s.Type[0], name))
}

// between is a number that a schema allows, rarely a large one.
func (g *generator) between(s *schema) float64 {
	least, most := 0.0, float64(math.MaxInt32)
	if s.Minimum != nil {
		least = *s.Minimum
	}
	if s.Maximum != nil {
		most = *s.Maximum
	}
	if s.ExclusiveMinimum != nil {
		least = *s.ExclusiveMinimum + 0.5
	}
	if !g.chance(10) {
		most = min(most, least+100)
	}
	return least + math.Floor(g.Float64()*(most-least))
}

// texts are examples of what a pattern allows.
var texts = map[string][]string{
	`^([0-9]{1,6}h)?([0-9]{1,6}m)?([0-9]{1,6}(\.[0-9]{1,3})?s)?([0-9]{1,6}ms)?$`: {"250ms", "3s", "1.5s", "1m30s", "2h"},
	"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$":                                              {"x-user", "X_Session~1", "no"},
	`^[^\x00-\x20\x7f&=#]+$`:                                                     {"user", "null", "a:b"},
	`^[^\x00-\x1f\x7f;]*$`:                                                       {"/", "/api/v1, \"quoted\"", "#"},
}

func (g *generator) text(name string, s *schema) string {
	if s.If == nil || texts[s.If.Pattern] == nil {
		panic(fmt.Sprintf("no example of the pattern of %s: add one to texts", name))
	}
	return g.pick(texts[s.If.Pattern]...)
}
