package explain_test

import (
	"errors"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/position"
)

// Whoever changes the value at the place that a step names, changes the call: its trace is another, or the chart refuses the
// values for that value.
func TestPlacesDecide(t *testing.T) {
	fields := map[string]int{}
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		declared, text := generated(t, random)
		all := explain.Calls(declared.Model, declared.Objects, "")
		if len(all) == 0 {
			return
		}
		call := all[random.IntN(len(all))]
		before := follow(t, declared.Objects, call)
		for _, by := range references(before) {
			if by.Place.Path != "" {
				fields[lastKey(by.Place.Path)]++
				checkPlace(t, text, before, by)
			}
		}
	})
	t.Logf("places by field: %v", fields)
	for _, field := range []string{"", "tls", "ports", "addresses", "externalName"} {
		if fields[field] == 0 {
			t.Errorf("no step names a place of %q", field)
		}
	}
}

func checkPlace(t *testing.T, text string, before *explain.Trace, by explain.Reference) {
	t.Helper()
	line := strings.Split(text, "\n")[by.Place.Line-1]
	path, err := position.ParsePath(by.Place.Path)
	if err != nil {
		t.Fatal(err)
	}
	last, begins := path[len(path)-1], strings.TrimLeft(line, " ")
	if last.List && !strings.HasPrefix(begins, "- ") || !last.List && !strings.Contains(begins, last.Key+":") && !strings.Contains(begins, `"`+last.Key+`":`) {
		t.Errorf("%s: line %d is %q", by.Place.Path, by.Place.Line, line)
	}
	var values map[string]any
	if err := yaml.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	change(values, path)
	changed, err := yaml.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	declared, err := declare(string(changed))
	if refused := new(explain.RefusedError); errors.As(err, &refused) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if after := follow(t, declared.Objects, before.Call); says(after) == says(before) {
		t.Errorf("%s: %s is named, and with another value there the trace is the same:\n%s\n%s", before.Call.URL, by.Place.Path, says(before), changed)
	}
}

// change changes the value at a path: of TLS what is asked of the server, of a port the server's, of addresses, hosts and
// whole entries their names.
func change(values map[string]any, path position.Path) {
	parent, key := any(values), path[len(path)-1]
	for _, segment := range path[:len(path)-1] {
		parent = at(parent, segment)
	}
	switch value := at(parent, key).(type) {
	case map[string]any:
		changeBlock(parent, key, value)
	case []any:
		set(parent, key, []any{"192.0.2.77"})
	default:
		set(parent, key, "changed.example.com")
	}
}

func changeBlock(parent any, key position.Segment, block map[string]any) {
	switch {
	case block["mode"] == "DISABLE":
		block["mode"] = "SIMPLE"
	case block["mode"] != nil:
		block["sni"] = "changed.example.com"
	case block["port"] != nil:
		block["targetPort"] = 4711
	default: // an entry
		if fields, isMap := parent.(map[string]any); isMap {
			delete(fields, key.Key)
			fields["changed"] = block
			delete(block, "name")
			return
		}
		block["name"] = "changed"
	}
}

func at(value any, segment position.Segment) any {
	if segment.List {
		return value.([]any)[segment.Index]
	}
	return value.(map[string]any)[segment.Key]
}

func set(parent any, segment position.Segment, value any) {
	if segment.List {
		parent.([]any)[segment.Index] = value
		return
	}
	parent.(map[string]any)[segment.Key] = value
}

var lastName = regexp.MustCompile(`(?:^|\.)([A-Za-z]+)(\[\d+\])?$`)

// lastKey is the field that a path ends at; empty for an entry.
func lastKey(path string) string {
	found := lastName.FindStringSubmatch(path)
	if found == nil || strings.Count(path, ".") == 0 || strings.HasPrefix(path, "externalNameServices.") && strings.Count(path, ".") == 1 {
		return ""
	}
	return found[1]
}
