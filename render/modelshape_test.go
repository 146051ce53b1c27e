package render

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
)

// The dicts of the chart's model, with their keys and the types of these, are a contract: this package reads them, and so
// may others.
func TestModelShape(t *testing.T) {
	chart := loadEmbeddedChart(t)
	shape := shapeReader{dicts: map[string]*dictShape{}}
	read := func(values map[string]any) {
		coalesced, _ := coalesce(values, chart.helm.defaults())
		_, root, err := chart.prepared.engine.print(t.Context(), findingsTemplate, coalesced, testRelease(t))
		if err != nil {
			t.Fatal(err)
		}
		shape.seen = map[uintptr]bool{} // dicts of an earlier model are gone, and others may have their addresses
		shape.read("model", root[modelKey])
	}
	for _, file := range globbed(t, "../examples/*/values.yaml") {
		read(readValues(t, file))
	}
	for seed := range uint64(20) { // which have every field, and faults
		random := rand.New(rand.NewPCG(seed, 10))
		values := valuesgen.Random(random, 20)
		read(values)
		faulty, _ := valuesgen.Plant(random, values)
		read(faulty)
		plane := []string{"ambient", "both"}[seed%2]
		valuesgen.OnPlane(random, values, plane)
		read(values)
	}
	golden.Equal(t, "testdata/model.txt", shape.text())
}

// dictsAt are the dicts with keys of their own, by where they are. Those elsewhere are maps, whose keys are data.
var dictsAt = map[string]string{
	"model.services": "map of service", "model.destinations": "map of destination", "model.findings": "map of finding",
	"model.inCluster": "map of service", "model.externalHosts": "map of service", "model.hostLists": "map of hostList",
	"hostList.ports": "map of port", "hostList.metadata": "metadata", "model.metadata": "metadata",
	"model.gateway": "gateway", "gateway.first": "service", "gateway.policies": "map of service", "gateway.bytePorts": "map of hop",
	"service.ports": "list of port", "service.tls": "tls", "service.metadata": "metadata", "service.traits": "traits",
	"service.families": "families", "service.gateway": "gateway", "service.allowFrom": "allowFrom",
	"port.service": "service", "port.tls": "tls", "port.hop": "hop",
	"destination.services": "map of service", "destination.metadata": "metadata", "destination.ports": "map of port",
	"destination.general": "map of port", "destination.selected": "map of selected", "destination.rules": "list of rule",
	"selected.ports": "map of port", "rule.ports": "map of port",
	"model.waypoint": "waypoint", "waypoint.spaces": "map of waypointSpace", "waypoint.policies": "map of service",
	"service.waypoint": "reference", "service.route": "visibility", "destination.waypoint": "reference",
}

// othersAt are the keys of dicts that are not the model's own.
var othersAt = map[string]string{
	"entry": "values", "suggestion": "values", "matchLabels": "values", "settings": "Istio's ClientTLSSettings",
}

// shapeReader collects what dicts of a name have been seen to hold.
type shapeReader struct {
	seen  map[uintptr]bool
	dicts map[string]*dictShape
}

type dictShape struct {
	count int
	keys  map[string]*keyShape
}

type keyShape struct {
	count int
	types map[string]bool
}

// read notes the keys of a dict and all that it leads to.
func (r *shapeReader) read(name string, value any) {
	dict := value.(map[string]any)
	if r.seen[address(dict)] {
		return
	}
	r.seen[address(dict)] = true
	shape := r.dicts[name]
	if shape == nil {
		shape = &dictShape{keys: map[string]*keyShape{}}
		r.dicts[name] = shape
	}
	shape.count++
	for key, item := range dict {
		if shape.keys[key] == nil {
			shape.keys[key] = &keyShape{types: map[string]bool{}}
		}
		shape.keys[key].count++
		shape.keys[key].types[r.typeOf(item, key, dictsAt[name+"."+key])] = true
	}
}

// typeOf reads a value on, and names its type.
func (r *shapeReader) typeOf(value any, key, dict string) string {
	itemDict, isMap := strings.CutPrefix(dict, "map of ")
	itemDict, isList := strings.CutPrefix(itemDict, "list of ")
	switch value := value.(type) {
	case nil:
		return "nothing"
	case map[string]any:
		if others := othersAt[key]; others != "" {
			return others
		}
		if dict != "" && !isMap && !isList {
			r.read(dict, value)
			return dict
		}
		return "map of " + r.typesOf(slices.Collect(maps.Values(value)), itemDict)
	case []any:
		return "list of " + r.typesOf(value, itemDict)
	case []string:
		return "list of string"
	}
	return fmt.Sprintf("%T", value)
}

func (r *shapeReader) typesOf(items []any, dict string) string {
	types := map[string]bool{}
	for _, item := range items {
		types[r.typeOf(item, "", dict)] = true
	}
	return either(types)
}

// either names types of which a value has one.
func either(types map[string]bool) string {
	return strings.Join(slices.Sorted(maps.Keys(types)), " or ")
}

// text has a paragraph for each dict, with its keys: "?" marks those that only some dicts of the name have.
func (r *shapeReader) text() string {
	var out strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.dicts)) {
		dict := r.dicts[name]
		fmt.Fprintf(&out, "%s\n", name)
		for _, key := range slices.Sorted(maps.Keys(dict.keys)) {
			mark := ""
			if dict.keys[key].count < dict.count {
				mark = "?"
			}
			fmt.Fprintf(&out, "  %-21s %s\n", key+mark, either(withoutEmptyContainers(dict.keys[key].types)))
		}
		out.WriteString("\n")
	}
	return strings.TrimSuffix(out.String(), "\n")
}

// withoutEmptyContainers leaves out containers of nothing where others hold something.
func withoutEmptyContainers(types map[string]bool) map[string]bool {
	kept := maps.Clone(types)
	for name := range types {
		for other := range types {
			if name != other && strings.HasSuffix(name, "of ") && strings.HasPrefix(other, name) {
				delete(kept, name)
			}
		}
	}
	return kept
}
