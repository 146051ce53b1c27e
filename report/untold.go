package report

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/position"
)

// untold is a field of an object that a report has no place for.
type untold struct {
	field string // with the object, such as "VirtualService shop/api: spec.http[0].mirror"
	value string // as JSON
	place Place
}

func (m *manifestPlacer) untold(field egress.Unsaid) untold {
	name := nameOf(field.Object)
	return untold{name + ": " + field.Path, valueAt(field.Object, field.Path), placed(name, m.positions[field.Object])}
}

// valueAt is the field at a path, as JSON; where the path is a sentence, what the whole object says.
func valueAt(object runtime.Object, path string) string {
	data, err := json.Marshal(object)
	var fields map[string]any
	if err != nil || json.Unmarshal(data, &fields) != nil {
		return ""
	}
	for _, name := range []string{"apiVersion", "metadata", "status"} {
		delete(fields, name)
	}
	value := any(fields)
	if segments, err := position.ParsePath(path); err == nil {
		value = below(value, segments)
	}
	if data, err = json.Marshal(value); err != nil {
		return ""
	}
	return string(data)
}

// below is what a path leads to from a value; the value itself where it leads nowhere.
func below(value any, path position.Path) any {
	at := value
	for _, segment := range path {
		switch parent := at.(type) {
		case map[string]any:
			at = parent[segment.Key]
		case []any:
			if !segment.List || segment.Index >= len(parent) {
				return value
			}
			at = parent[segment.Index]
		}
		if at == nil {
			return value
		}
	}
	return at
}

// untoldChanges are those of fields that are not compared, as nothing tells what they do. A request that is mirrored reaches one
// more server, so that is wider.
func untoldChanges(before, after []*Declaration) []Change {
	was, is := untoldFields(before), untoldFields(after)
	var all []Change
	for _, field := range slices.Sorted(maps.Keys(is)) {
		old, known := was[field]
		switch {
		case !known:
			all = append(all, is[field].change("new", egress.Wider, Place{}, is[field].place))
		case old.value != is[field].value:
			all = append(all, is[field].change("another", egress.Wider, old.place, is[field].place))
			if is[field].mirrors() {
				all = append(all, old.change("another", egress.Narrower, old.place, is[field].place))
			}
		}
	}
	for _, field := range slices.Sorted(maps.Keys(was)) {
		if _, stays := is[field]; !stays {
			all = append(all, was[field].change("gone", egress.Narrower, was[field].place, Place{}))
		}
	}
	return all
}

func untoldFields(declarations []*Declaration) map[string]untold {
	all := map[string]untold{}
	for _, d := range declarations {
		for _, field := range d.untold {
			all[field.field] = field
		}
	}
	return all
}

// mirrors tells whether requests reach another server by the field.
func (u untold) mirrors() bool { return strings.Contains(u.field, "].mirror") }

func (u untold) change(what string, ofMirror egress.Class, before, after Place) Change {
	class := egress.Changed
	if u.mirrors() {
		class = ofMirror
	}
	return Change{
		Class: class, Names: []string{}, Text: fmt.Sprintf("%s is %s, and what that does is not told", u.field, what), Before: before, After: after,
	}
}
