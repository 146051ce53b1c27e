package position_test

import (
	"encoding/json"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/position"
)

// documents are read alike by nodes and by what Helm and Kubernetes read YAML with.
var documents = []string{
	values, "", "---\n", "a list: [1, a, ~, null, true, {b: c}, []]\n", "- a\n- {}\n", "text\n", "12\n",
	"words: [yes, No, on, OFF, y, n, True, 'yes', \"on\", !!str no, yess]\n",
	"numbers: [0443, 0o17, 0x1F, 0b11, -0b1, 1_000, +5, 1e3, .5, 5., 1.50, -0, 18446744073709551615, 1e400, 1:30, 1.2.3, 0443x, '80']\n",
	"times: [2001-01-01, 2001-01-01T00:00:00Z, '2001-01-01']\n",
	"tags: [!!str 5, !!float 5, !!int 5, !custom 5, !!binary aGk=]\n",
	"texts: |\n  a\n  b\nfolded: >-\n  a\n  b\n",
	"yes: 1\nno: 2\n", "a: 1\na: {b: 2}\n",
	"a: &a {b: 1, c: 2}\nd: {b: 3, <<: *a}\ne: {<<: *a, b: 3}\nf: *a\n",
	"a: &a {b: 1}\nc: &c {b: 2, d: 3}\ne: {<<: [*a, *c], f: 4}\ng: {<<: [*c, *a], <<: {b: 5}}\n",
	"a: &a {<<: {b: 1}, c: 2}\nd: {<<: *a, <<: {b: 2}}\n",
	"a: &a [1, 2]\nb: [*a, *a]\n", "&a b: c\nd: *a\n*a : e\n", "a: '<<'\nb: <<\n",
}

func TestNodesAreReadAsKubernetesDoes(t *testing.T) {
	for _, text := range documents {
		compareValues(t, text)
	}
}

func compareValues(t *testing.T, text string) {
	t.Helper()
	files, faults := position.Documents("objects.yaml", []byte(text))
	for _, fault := range faults {
		if fault.ID != position.FaultDuplicate && fault.ID != position.FaultKey {
			return
		}
	}
	want, err := yaml.YAMLToJSON([]byte(text))
	if err != nil || len(files) > 1 {
		return
	}
	root := position.Node{}
	if len(files) == 1 {
		root = files[0].Root()
	}
	got, err := json.Marshal(root.Value())
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if string(got) != string(want) {
		t.Errorf("%q is %s, want %s", text, got, want)
	}
	compareFields(t, root, nil)
}

// compareFields expects that a field alone is what it is among all.
func compareFields(t *testing.T, node position.Node, path position.Path) {
	t.Helper()
	if len(path) > 20 {
		return
	}
	for _, field := range node.Fields() {
		at := path.Join(position.Key(field.Name))
		if got := node.Field(field.Name); got != field.Value {
			t.Errorf("%s: %v alone, %v among all", at, got.Value(), field.Value.Value())
		}
		compareFields(t, field.Value, at)
	}
	for i, item := range node.Items() {
		compareFields(t, item, path.Join(position.Index(i)))
	}
}

func TestNodesOfWhatHasNoEnd(t *testing.T) {
	for name, text := range map[string]string{"in itself": "a: &a [*a]\n", "merged into itself": "a: &a {<<: *a}\n", "too large": bomb(9)} {
		files, faults := position.Documents("objects.yaml", []byte(text))
		if len(faults) == 0 || len(files) != 1 || files[0].Root().Kind() != position.Null {
			t.Errorf("%s: faults %v, and a value", name, faults)
		}
	}
}

func TestNodesOfOtherKinds(t *testing.T) {
	files, _ := position.Documents("objects.yaml", []byte("a: [b]\n"))
	root := files[0].Root()
	if got := root.Field("a").Field("b"); got.Kind() != position.Null {
		t.Errorf("a field of a list: %v", got.Value())
	}
	if got := root.Field("none"); got.Kind() != position.Null {
		t.Errorf("a field that is not there: %v", got.Value())
	}
	if got := append(root.Items(), root.Field("a").Items()[0].Items()...); len(got) > 0 {
		t.Errorf("items of a map or text: %v", got)
	}
	if text, isText := root.Field("a").Items()[0].Text(); !isText || text != "b" {
		t.Errorf("text %q, %t", text, isText)
	}
	if _, isText := root.Text(); isText {
		t.Error("a map is text")
	}
	for kind, want := range map[position.Kind]string{
		position.Null: "nothing", position.Bool: "true or false", position.Number: "a number",
		position.Text: "text", position.List: "a list", position.Map: "a map",
	} {
		if kind.String() != want {
			t.Errorf("%s, want %s", kind, want)
		}
	}
}

// FuzzScalars reads any word as Kubernetes does.
func FuzzScalars(f *testing.F) {
	for _, word := range []string{"yes", "-0", "0x1_0", "1e3", "2001-01-01", "~", "<<", ".inf", "0b1"} {
		f.Add(word)
	}
	f.Fuzz(func(t *testing.T, word string) {
		if !strings.ContainsAny(word, "\r\n:#&*!{}[]|>?%'\"") {
			compareValues(t, "a: "+word+"\n")
		}
	})
}
