// Package objects reads objects of Kubernetes and Istio from YAML into the Go types of their kinds, and tells what does not
// fit: each value is held against its type, at its place in the file.
package objects

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/internal/objecttypes"
	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/position"
)

// Misfit is a field that the object's kind does not have, or a value that its field does not take.
type Misfit struct {
	At      position.Path // in the object
	Message string
}

// Read reads an object. What does not fit is left out, from lists too; and so is a value with a variable, where text does not
// fit: another tool fills it in. The object is whole when nothing was left out, and nil when its kind is not known.
func Read(node position.Node) (object kruntime.Object, misfits []Misfit, whole bool) {
	apiVersion, _ := node.Field("apiVersion").Text()
	kind, _ := node.Field("kind").Text()
	r := reader{kind: kind}
	object, err := objecttypes.New(apiVersion, kind)
	if err != nil {
		advice := "correct the two"
		if other, exists := objecttypes.APIVersion(apiVersion, kind); exists {
			advice = "write " + other
		}
		r.add(position.Path{position.Key("apiVersion")}, "%q has no kind %q: %s", apiVersion, kind, advice)
		return nil, r.misfits, false
	}
	fitting, _ := r.goValue(node, nil, reflect.TypeOf(object))
	data, err := json.Marshal(fitting)
	if err == nil {
		err = objecttypes.Decode(data, object)
	}
	if err != nil { // what the reader takes and the decoder does not
		r.add(nil, "%s", err)
	}
	return object, r.misfits, len(r.misfits) == 0 && !r.variables
}

// reader reads values as Go has those of JSON, or not at all when they do not fit, and collects the misfits.
type reader struct {
	kind      string
	misfits   []Misfit
	variables bool // some stand where text does not fit
}

func (r *reader) entries(node position.Node, at position.Path, read func(string, position.Node, position.Path) (any, bool)) (any, bool) {
	if node.Kind() != position.Map {
		return r.wrong(node, at, "a map")
	}
	values := map[string]any{}
	for _, field := range node.Fields() {
		if value, fits := read(field.Name, field.Value, at.Join(position.Key(field.Name))); fits {
			values[field.Name] = value
		}
	}
	return values, true
}

func (r *reader) items(node position.Node, at position.Path, read func(position.Node, position.Path) (any, bool)) (any, bool) {
	if node.Kind() != position.List {
		return r.wrong(node, at, "a list")
	}
	values := []any{}
	for i, item := range node.Items() {
		if value, fits := read(item, at.Join(position.Index(i))); fits {
			values = append(values, value)
		}
	}
	return values, true
}

func (r *reader) unknown(at position.Path, name string, names []string) (any, bool) {
	advice := "correct its name, or remove it"
	if meant, near := words.Nearest(name, names); near {
		advice = fmt.Sprintf("did you mean %q?", meant)
	}
	r.add(at, "%s has no such field: %s", r.kind, advice)
	return nil, false
}

// wrong is a value of another type than the one that is wanted.
func (r *reader) wrong(node position.Node, at position.Path, want string) (any, bool) {
	return r.refuse(node, at, "%s does not fit here: write %s", node.Kind(), want)
}

// refuse leaves alone what has a variable of kustomize, Flux or envsubst.
func (r *reader) refuse(node position.Node, at position.Path, format string, args ...any) (any, bool) {
	if text, isText := node.Text(); isText && (strings.Contains(text, "${") || strings.Contains(text, "$(")) {
		r.variables = true
	} else {
		r.add(at, format, args...)
	}
	return nil, false
}

func (r *reader) add(at position.Path, format string, args ...any) {
	r.misfits = append(r.misfits, Misfit{at, fmt.Sprintf(format, args...)})
}

// describe names a value: text by its letters.
func describe(node position.Node) string {
	if text, isText := node.Text(); isText {
		return strconv.Quote(text)
	}
	return node.Kind().String()
}
