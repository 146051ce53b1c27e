package explain_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
)

// generated declares random values, and returns their text.
func generated(t *testing.T, random *rand.Rand) (*explain.Declared, string) {
	t.Helper()
	values := valuesgen.Random(random, 1+random.IntN(5))
	if random.IntN(3) == 0 {
		valuesgen.OnPlane(random, values, []string{"ambient", "both"}[random.IntN(2)])
	}
	return declaredValues(t, values)
}

// declaredValues declares values that are taken, and returns their text.
func declaredValues(t *testing.T, values map[string]any) (*explain.Declared, string) {
	t.Helper()
	text, err := yaml.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	declared, err := declare(string(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return declared, string(text)
}

func declare(values string) (*explain.Declared, error) {
	return explain.Release{Values: render.ValuesOptions{Files: []string{"-"}, Stdin: strings.NewReader(values)}}.Declare()
}

// says is a trace without what only its writing makes different.
func says(t *explain.Trace) string { return fmt.Sprint(t.String(), t.TLS, t.Host, t.Steps, t.Warnings) }

// Taking away an object that a step names changes the trace; taking away an ignored one does not.
func TestNamedObjectsMatter(t *testing.T) {
	named, ignored := 0, 0
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		declared, _ := generated(t, random)
		all := explain.Calls(declared.Model, declared.Objects, "")
		if len(all) == 0 {
			return
		}
		call := all[random.IntN(len(all))]
		base := follow(t, declared.Objects, call)
		left, err := base.Ignored(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		before := says(follow(t, declared.Objects, call))
		for _, by := range references(base) {
			named++
			if after := says(follow(t, without(declared.Objects, by), call)); after == before {
				t.Errorf("%s: without %s the trace is the same:\n%s", call.URL, by, before)
			}
		}
		for _, object := range left {
			ignored++
			if after := says(follow(t, without(declared.Objects, object.Reference), call)); after != before {
				t.Errorf("%s: %s is ignored, and without it the trace is another:\n%s\n%s", call.URL, object, before, after)
			}
		}
	})
	t.Logf("%d named and %d ignored objects", named, ignored)
	if named == 0 || ignored == 0 {
		t.Error("too few objects to tell")
	}
}

// references are the objects that the steps of a trace name, with the places that they give.
func references(trace *explain.Trace) []explain.Reference {
	var all []explain.Reference
	for _, step := range trace.Steps {
		all = append(all, step.By...)
	}
	return all
}

// What is loaded for a call alone says the same as all objects do.
func TestPartSaysTheSameAsTheWhole(t *testing.T) {
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		declared, _ := generated(t, random)
		mesh, err := explain.Load(declared.Objects, explain.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer mesh.Close()
		for _, call := range explain.Calls(declared.Model, declared.Objects, "") {
			whole, err := mesh.Explain(call)
			if err != nil {
				t.Fatal(err)
			}
			if part := follow(t, declared.Objects, call); says(part) != says(whole) {
				t.Errorf("%s:\n%s\n%s", call.URL, says(part), says(whole))
			}
		}
	})
}

func follow(t *testing.T, objects []explain.Object, call explain.Call) *explain.Trace {
	t.Helper()
	mesh, err := explain.LoadFor(objects, explain.Options{}, call)
	return traced(t, mesh, err, call)
}

// traced follows a call in a mesh that was loaded for it.
func traced(t *testing.T, mesh *explain.Mesh, err error, call explain.Call) *explain.Trace {
	t.Helper()
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

// aliasOfTLS has an alias on a port whose listener is that of the host behind it, in the caller's namespace.
const aliasOfTLS = `
apiVersion: v1
kind: Service
metadata: {name: billing, namespace: default, annotations: {networking.istio.io/exportTo: "."}}
spec: {ports: [{name: tcp, port: 5432, appProtocol: tcp}]}
---
apiVersion: v1
kind: Service
metadata: {name: search, namespace: payments}
spec: {type: ExternalName, externalName: search.example.org, ports: [{name: tls, port: 5432}]}
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: search, namespace: payments}
spec: {hosts: [search.example.org], ports: [{name: tls, number: 5432, protocol: TLS}], resolution: DNS}
`

func TestPartHasTheListenerOfAnAliasesHost(t *testing.T) {
	manifests, err := explain.ReadManifests([]string{"-"}, strings.NewReader(aliasOfTLS), "default")
	if err != nil {
		t.Fatal(err)
	}
	call := explain.Call{From: explain.Workload{Namespace: "payments"}, URL: "tcp://billing.default:5432"}
	mesh, err := explain.Load(manifests.Objects, explain.Options{})
	whole := traced(t, mesh, err, call)
	if part := follow(t, manifests.Objects, call); says(part) != says(whole) || !strings.Contains(says(whole), "0.0.0.0_5432") {
		t.Errorf("want the listener of the port:\n%s\n%s", says(part), says(whole))
	}
}
