package explain_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
)

// Whatever the values, a call for which the waypoint originates TLS reaches nothing without the waypoint.
func TestNothingLeavesWithoutTheWaypoint(t *testing.T) {
	encrypted := 0
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(4))
		valuesgen.OnPlane(random, values, []string{"ambient", "both"}[random.IntN(2)])
		declared, text := declaredValues(t, values)
		var left []explain.Object
		for _, o := range declared.Objects {
			if !strings.HasPrefix(o.Reference().Kind, "Gateway.") {
				left = append(left, o)
			}
		}
		with, without := load(t, declared.Objects), load(t, left)
		for _, call := range explain.Calls(declared.Model, declared.Objects, egress.DataPlaneAmbient) {
			trace := explained(t, with, call)
			if trace.Verdict != explain.SentTLS && trace.Verdict != explain.SentMutual {
				continue
			}
			encrypted++
			if alone := explained(t, without, call); alone.Verdict != explain.NoUpstream || alone.Through != "" {
				t.Errorf("%s with the waypoint, and without: %s\n%s", trace, alone, text)
			}
		}
	})
	if encrypted == 0 {
		t.Error("no call was encrypted")
	}
}

func load(t *testing.T, objects []explain.Object) *explain.Mesh {
	t.Helper()
	mesh, err := explain.Load(objects, explain.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(mesh.Close)
	return mesh
}

func explained(t *testing.T, mesh *explain.Mesh, call explain.Call) *explain.Trace {
	t.Helper()
	trace, err := mesh.Explain(call)
	if err != nil {
		t.Fatal(err)
	}
	return trace
}
