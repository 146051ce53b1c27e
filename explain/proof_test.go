package explain_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
)

// generated declares random values: always the same for a seed.
func generated(t *testing.T, seed uint64) *explain.Declared {
	t.Helper()
	random := rand.New(rand.NewPCG(seed, 14)) //nolint:gosec // the same in every run
	values := valuesgen.Random(random, 1+random.IntN(5))
	text, err := yaml.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	release := explain.Release{Values: render.ValuesOptions{Files: []string{"-"}, Stdin: strings.NewReader(string(text))}}
	declared, err := release.Declare()
	if err != nil {
		t.Fatalf("seed %d: %v\n%s", seed, err, text)
	}
	return declared
}

// says is a trace without what only its writing makes different.
func says(t *explain.Trace) string { return fmt.Sprint(t.String(), t.TLS, t.Host, t.Steps, t.Warnings) }

const seeds = 25

// Taking away an object that a step names changes the trace; taking away an ignored one does not.
func TestNamedObjectsMatter(t *testing.T) {
	named, ignored := 0, 0
	for seed := range uint64(seeds) {
		declared := generated(t, seed)
		all := explain.Calls(declared.Model, declared.Objects)
		if len(all) == 0 {
			continue
		}
		call := all[seed%uint64(len(all))]
		base := follow(t, declared.Objects, call)
		left, err := base.Ignored(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		before := says(follow(t, declared.Objects, call))
		for _, step := range base.Steps {
			for _, by := range step.By {
				named++
				if after := says(follow(t, without(declared.Objects, by), call)); after == before {
					t.Errorf("seed %d: %s: without %s the trace is the same:\n%s", seed, call.URL, by, before)
				}
			}
		}
		for _, object := range left {
			ignored++
			if after := says(follow(t, without(declared.Objects, object.Reference), call)); after != before {
				t.Errorf("seed %d: %s: %s is ignored, and without it the trace is another:\n%s\n%s", seed, call.URL, object, before, after)
			}
		}
	}
	t.Logf("%d named and %d ignored objects", named, ignored)
	if named < seeds || ignored == 0 {
		t.Error("too few objects to tell")
	}
}

// What is loaded for a call alone says the same as all objects do.
func TestPartSaysTheSameAsTheWhole(t *testing.T) {
	for seed := range uint64(seeds) {
		declared := generated(t, 1000+seed)
		mesh, err := explain.Load(declared.Objects, explain.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range explain.Calls(declared.Model, declared.Objects) {
			whole, err := mesh.Explain(call)
			if err != nil {
				t.Fatal(err)
			}
			if part := follow(t, declared.Objects, call); says(part) != says(whole) {
				t.Errorf("seed %d: %s:\n%s\n%s", 1000+seed, call.URL, says(part), says(whole))
			}
		}
		mesh.Close()
	}
}

func follow(t *testing.T, objects []explain.Object, call explain.Call) *explain.Trace {
	t.Helper()
	mesh, err := explain.LoadFor(objects, explain.Options{}, call)
	if err != nil {
		t.Fatal(err)
	}
	defer mesh.Close()
	trace, err := mesh.Explain(call)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}

// without returns the objects but one.
func without(objects []explain.Object, gone explain.Reference) []explain.Object {
	return slices.DeleteFunc(slices.Clone(objects), func(o explain.Object) bool { return o.Reference().Compare(gone) == 0 })
}
