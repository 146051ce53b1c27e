package egress_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
)

func loadChart(t *testing.T) *render.Chart {
	t.Helper()
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

// accepted returns the model of values, and false for values that the chart refuses.
func accepted(t *testing.T, chart *render.Chart, values map[string]any) (*egress.Model, bool) {
	t.Helper()
	model, findings, err := chart.Declare(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return model, !slices.ContainsFunc(findings, func(f render.Finding) bool { return f.Severity == render.SeverityError })
}

func modelOf(t *testing.T, chart *render.Chart, values map[string]any) *egress.Model {
	t.Helper()
	model, ok := accepted(t, chart, values)
	if !ok {
		findings, _ := chart.Findings(values, render.Options{})
		t.Fatalf("refused: %+v\n%v", findings, values)
	}
	return model
}

func parse(t *testing.T, text string) map[string]any {
	t.Helper()
	values, err := render.ParseValues([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func lines(changes []egress.Change) []string {
	var all []string
	for _, c := range changes {
		all = append(all, fmt.Sprintf("%s %s:%d %v %s [%s -> %s]", c.Class, c.Destination, c.Port, c.Names, c.Text, c.Before.Path, c.After.Path))
	}
	return all
}

func noChange(t *testing.T, what string, before, after *egress.Model) {
	t.Helper()
	if changes := egress.Diff(before, after); len(changes) > 0 {
		t.Errorf("%s: changes where there are none:\n%s", what, strings.Join(lines(changes), "\n"))
	}
}

// What changes nothing for calls is no difference: labels, the order of entries, lists or maps, and the objects that the
// values render to.
func TestNoDifference(t *testing.T) {
	chart := loadChart(t)
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(10))
		model := modelOf(t, chart, values)
		noChange(t, "the same", model, modelOf(t, chart, values))
		noChange(t, "labels", model, modelOf(t, chart, labelled(values)))
		noChange(t, "other order", model, modelOf(t, chart, shuffled(random, values)))
		noChange(t, "maps", model, modelOf(t, chart, asMaps(values)))
		noChange(t, "objects", model, objectsOf(t, chart, values))
		noChange(t, "objects, reversed", objectsOf(t, chart, values), model)
	})
}

// copied returns a deep copy.
func copied(values map[string]any) map[string]any {
	data, err := yaml.Marshal(values)
	if err != nil {
		panic(err) // values of a generator
	}
	again, err := render.ParseValues(data)
	if err != nil {
		panic(err)
	}
	return again
}

var collections = []string{"externalNameServices", "endpointServices"}

// entriesOf returns the entries of both collections, by name and namespace.
func entriesOf(values map[string]any) []map[string]any {
	var all []map[string]any
	add := func(entry any) {
		if fields, ok := entry.(map[string]any); ok { // null removes an entry
			all = append(all, fields)
		}
	}
	for _, collection := range collections {
		switch entries := values[collection].(type) {
		case []any:
			for _, entry := range entries {
				add(entry)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(entries)) {
				add(entries[name])
			}
		}
	}
	return all
}

func labelled(values map[string]any) map[string]any {
	values = copied(values)
	values["commonLabels"] = map[string]any{"example.com/owner": "somebody"}
	values["commonAnnotations"] = map[string]any{"example.com/owner": "somebody"}
	return values
}

func shuffled(random *rand.Rand, values map[string]any) map[string]any {
	values = copied(values)
	for _, collection := range collections {
		if list, ok := values[collection].([]any); ok {
			random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		}
	}
	return values
}

// asMaps turns lists into maps, where no name is there twice.
func asMaps(values map[string]any) map[string]any {
	values = copied(values)
	for _, collection := range collections {
		list, ok := values[collection].([]any)
		if !ok {
			continue
		}
		entries := map[string]any{}
		for _, entry := range list {
			fields := entry.(map[string]any)
			entries[fields["name"].(string)] = fields
		}
		if len(entries) < len(list) {
			continue
		}
		for _, entry := range list {
			delete(entry.(map[string]any), "name")
		}
		values[collection] = entries
	}
	return values
}

func objectsOf(t *testing.T, chart *render.Chart, values map[string]any) *egress.Model {
	t.Helper()
	result, err := chart.Render(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	model, err := result.Model()
	if err != nil {
		t.Fatal(err)
	}
	return model
}

// A change and the change back are told by the same words, with the classes mirrored; and there is a change whenever
// calls see a difference.
func TestDiffMirrors(t *testing.T) {
	chart := loadChart(t)
	compared, different := 0, 0
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(8))
		other := edited(random, values)
		after, ok := accepted(t, chart, other)
		if !ok {
			return
		}
		before := modelOf(t, chart, values)
		there, back := egress.Diff(before, after), egress.Diff(after, before)
		if !slices.Equal(mirrorKeys(there, true), mirrorKeys(back, false)) {
			t.Errorf("there\n%s\nback\n%s", strings.Join(lines(there), "\n"), strings.Join(lines(back), "\n"))
		}
		compared++
		if !slices.Equal(effectOfCalls(before), effectOfCalls(after)) {
			different++
			if len(there) == 0 {
				t.Errorf("no change between\n%s\nand\n%s", strings.Join(before.Effect(), "\n"), strings.Join(after.Effect(), "\n"))
			}
		} else if len(there) > 0 {
			t.Errorf("calls see no difference in\n%s", strings.Join(lines(there), "\n"))
		}
	})
	if different < compared/4 || different == 0 {
		t.Errorf("%d of %d cases differ", different, compared)
	}
}

// mirrorKeys are what a change and its reverse have in common, sorted.
func mirrorKeys(changes []egress.Change, mirrored bool) []string {
	var keys []string
	for _, c := range changes {
		class, before, after := c.Class, c.Before.Path, c.After.Path
		if mirrored {
			class, before, after = class.Mirrored(), after, before
		}
		keys = append(keys, fmt.Sprintf("%s %v %s %s", class, c.Names, before, after))
	}
	slices.Sort(keys)
	return keys
}

var ofWorkloads = regexp.MustCompile(`, workloads \{[^}]*\}`)

// effectOfCalls is a model's effect, without what leads to services of the cluster and rules for some workloads that do as
// the one for all, and with Istio's default resolved.
func effectOfCalls(m *egress.Model) []string {
	var all []string
	effect := m.Effect()
	for _, line := range effect {
		general := ofWorkloads.ReplaceAllString(line, "")
		inCluster := strings.Contains(line, "open, to ") && strings.HasSuffix(line, ".svc.cluster.local")
		if !inCluster && (general == line || !slices.Contains(effect, general)) {
			all = append(all, strings.ReplaceAll(line, "seen by *", "seen by Istio's default"))
		}
	}
	return all
}

// edited returns values of which some entries are gone, some are new, and some fields have changed.
func edited(random *rand.Rand, values map[string]any) map[string]any {
	values = copied(values)
	for _, entry := range entriesOf(values) {
		if random.IntN(3) > 0 {
			edits[random.IntN(len(edits))](entry)
		}
	}
	for _, collection := range collections {
		list, _ := values[collection].([]any)
		if len(list) > 1 && random.IntN(3) == 0 {
			values[collection] = list[1:]
		}
		if more, ok := valuesgen.Random(random, 2)[collection].([]any); ok && list != nil && random.IntN(3) == 0 {
			values[collection] = append(list, more...)
		}
	}
	return values
}

func tlsOf(entry map[string]any) map[string]any {
	tls, _ := entry["tls"].(map[string]any)
	if tls == nil {
		tls = map[string]any{}
	}
	return tls
}

// edits are changes of an entry; many make values that the chart refuses.
var edits = []func(entry map[string]any){
	func(entry map[string]any) { tlsOf(entry)["insecureSkipVerify"] = true },
	func(entry map[string]any) { delete(tlsOf(entry), "insecureSkipVerify") },
	func(entry map[string]any) { delete(tlsOf(entry), "caCertificates") },
	func(entry map[string]any) { tlsOf(entry)["caCertificates"] = "/etc/certs/other.pem" },
	func(entry map[string]any) {
		tlsOf(entry)["subjectAltNames"] = []any{"example.com", "other.example.com"}
	},
	func(entry map[string]any) { tlsOf(entry)["sni"] = "other.example.com" },
	func(entry map[string]any) { entry["exportTo"] = []any{"."} },
	func(entry map[string]any) { entry["exportTo"] = []any{"*"} },
	func(entry map[string]any) { entry["exportTo"] = []any{".", "team-y"} },
	func(entry map[string]any) { entry["rewriteHost"] = false },
	func(entry map[string]any) { entry["timeout"] = "5s" },
	func(entry map[string]any) { entry["keepMeshHeaders"] = true },
	func(entry map[string]any) { entry["serviceType"] = "ClusterIP" },
	func(entry map[string]any) { entry["endpointsKind"] = "ServiceEntry" },
	func(entry map[string]any) { entry["endpointsKind"] = "EndpointSlice" },
	func(entry map[string]any) { entry["addresses"] = []any{"192.0.2.77"} },
	func(entry map[string]any) { delete(entry, "workloadSelector") },
	func(entry map[string]any) {
		entry["workloadSelector"] = map[string]any{"matchLabels": map[string]any{"app": "edited"}}
	},
	func(entry map[string]any) { delete(entry, "trafficPolicy") },
	func(entry map[string]any) {
		entry["trafficPolicy"] = map[string]any{"connectionPool": map[string]any{"tcp": map[string]any{"maxConnections": 7.0}}}
	},
	func(entry map[string]any) { entry["labels"] = map[string]any{"edited": "yes"} },
	func(entry map[string]any) { entry["name"] = "edited" },
	func(entry map[string]any) { entry["serverName"] = "edited.example.com" },
	func(entry map[string]any) {
		port := entry["ports"].([]any)[0].(map[string]any)
		port["targetPort"] = 8444.0
	},
	func(entry map[string]any) {
		ports := entry["ports"].([]any)
		entry["ports"] = ports[:max(1, len(ports)-1)]
	},
}
