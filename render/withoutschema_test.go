package render_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
)

// injections would be a key of their own, were they not quoted.
var injections = []string{
	"x\ninjected: y", "x\n---\ninjected: y", "x\"\ninjected: y\n#\"", "x'\ninjected: y\n#'", "{injected: y}", "x, injected: y", "x}, {injected: y",
	"x], injected: [y", "x\", injected: \"y", "x\n  injected: y", "x\n    injected: y", "\n- injected: y", "{{ \"injected: y\" }}", "x: {injected: y} #",
}

// Without the schema, every text of the values stays what it is, a text, or is refused.
func TestNoTextBecomesYAML(t *testing.T) {
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	rendered := 0
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(3))
		values["commonLabels"] = map[string]any{"team": "shop"}
		values["commonAnnotations"] = map[string]any{"example.com/owner": "shop"}
		values["exportTo"] = []any{"shop"}
		text := injections[random.IntN(len(injections))]
		all := texts(values)
		all[random.IntN(len(all))](text)
		result, err := chart.Render(values, render.Options{SkipSchemaValidation: true})
		if err != nil {
			return
		}
		rendered++
		for _, document := range result.Documents() {
			var object map[string]any
			if err := yaml.Unmarshal([]byte(document.Content), &object); err != nil {
				t.Fatalf("%q: %v\n%s", text, err, document.Content)
			}
			if hasKey(object, "injected") {
				t.Errorf("%q is YAML in\n%s", text, document.Content)
			}
		}
	})
	if rendered == 0 {
		t.Error("nothing was rendered: every text was refused")
	}
}

// texts returns what sets each text below a value, keys of maps included.
func texts(value any) []func(text string) {
	var all []func(string)
	add := func(child any, set func(any)) {
		if _, ok := child.(string); ok {
			all = append(all, func(text string) { set(text) })
		}
		all = append(all, texts(child)...)
	}
	switch value := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			child := value[key]
			add(child, func(v any) { value[key] = v })
			all = append(all, func(text string) { delete(value, key); value[text] = child })
		}
	case []any:
		for i, child := range value {
			add(child, func(v any) { value[i] = v })
		}
	}
	return all
}

func hasKey(value any, name string) bool {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			if key == name || hasKey(child, name) {
				return true
			}
		}
	case []any:
		for _, child := range value {
			if hasKey(child, name) {
				return true
			}
		}
	}
	return false
}
