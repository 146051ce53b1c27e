package fastyaml_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/fastyaml"
)

// insideSubset are texts that must be read here; whether rightly, the comparison with the full decoder tells.
var insideSubset = map[string]string{
	"object": `apiVersion: v1
kind: Service
metadata:
  name: my-httpbin
  namespace: default
  labels:
    app.kubernetes.io/name: istio-egress
    helm.sh/chart: "istio-egress-0.1.0"
  annotations:
    networking.istio.io/exportTo: "."
spec:
  type: ExternalName
  externalName: httpbin.org
  ports:
    - name: http
      port: 80
      targetPort: 443
    - {name: tls, port: 443}
`,
	"list as deep as its key": "ports:\n- port: 80\n  name: a\n- port: 81\nmore: x\n",
	"comments":                "# first\n\na: b # trailing\n# between\nc: # nothing\n  # deeper\n  d: e\n",
	"dot":                     "exportTo:\n- .\n- team-a\n",
	"separator":               "---\na: b\n",
	"null":                    "a:\nb: null\nc:\n  d:\n",
	"words":                   "a: true\nb: false\nc: maybe\nd: north\n",
	"numbers":                 "a: 0\nb: 80\nc: 999999999999999\n",
	"addresses":               "a: 91.198.174.192\nb: 10.0.0.0/8\nc: 30s\nd: \"2001:db8::1\"\n",
	"flow":                    `a: [x, "y", 80, true, null, [z]]` + "\nb: {c: d, \"e\": [1], f: {}}\n" + `g: {"h":"i","j":["k"]}` + "\nempty: []\n",
	"quotes":                  "a: \"b \\\" \\\\ \\n \\u003c\"\nb: 'it # is'\n\"c d\": e\n",
	"nested lists":            "- - a\n  - b\n-\n  - c\n- d: e\n  f: g\n-\n- h\n",
	"spaces in scalars":       "a: b c  d\ne: f, [g] {h} #i\n",
	"colons in scalars":       "a: b:c\nurl: https://example.com:443/x?y=z\n",
	"no final line end":       "a: b",
}

// beyondSubset are texts that are left to the full decoder.
var beyondSubset = map[string]string{
	"empty":              "",
	"comment":            "# nothing\n",
	"scalar":             "a\n",
	"tab":                "a:\tb\n",
	"carriage return":    "a: b\r\n",
	"beyond ASCII":       "a: ü\n",
	"anchor":             "a: &x b\nc: *x\n",
	"a key twice":        "a: 1\na: 2\n",
	"merge":              "a: {b: c}\n<<: {d: e}\n",
	"tag":                "a: !!str 80\n",
	"block scalar":       "a: |\n  b\n",
	"folded scalar":      "a: b\n  c\n",
	"multi-line flow":    "a: [b,\n  c]\n",
	"two documents":      "a: b\n---\nc: d\n",
	"octal":              "a: 010\n",
	"hexadecimal":        "a: 0x10\n",
	"float":              "a: 1.5\n",
	"exponent":           "a: 1e3\n",
	"date":               "a: 2026-11-23\n",
	"word of YAML 1.1":   "a: yes\n",
	"word as key":        "on: a\n",
	"number as key":      "80: a\n",
	"map in a scalar":    "a: b: c\n",
	"wrong indentation":  "a:\n    b: c\n  d: e\n",
	"unclosed":           "a: \"b\n",
	"unclosed flow":      "a: [b\n",
	"text after quotes":  "a: \"b\" c\n",
	"list after scalar":  "a: b\n- c\n",
	"map in list":        "- a\nb: c\n",
	"deep":               strings.Repeat("[", 100) + strings.Repeat("]", 100),
	"large":              "a: 9999999999999999\n",
	"question mark":      "? a\n: b\n",
	"directive":          "%YAML 1.1\n---\na: b\n",
	"single quote twice": "a: 'it''s'\n",
}

func TestSubsetIsRead(t *testing.T) {
	for name, src := range insideSubset {
		if _, ok := fastyaml.Values(src); !ok {
			t.Errorf("%s: is not read", name)
		}
		compare(t, src)
	}
}

func TestTextsBeyondTheSubsetAreNotJudged(t *testing.T) {
	for name, src := range beyondSubset {
		if value, ok := fastyaml.Values(src); ok {
			t.Errorf("%s: read as %v", name, value)
		}
		compare(t, src)
	}
}

func TestReadHead(t *testing.T) {
	head, ok := fastyaml.ReadHead(insideSubset["object"])
	want := fastyaml.Head{APIVersion: "v1", Kind: "Service", Namespace: "default", Name: "my-httpbin"}
	if !ok || head != want {
		t.Errorf("head %+v, %v", head, ok)
	}
	for name, src := range map[string]string{
		"kind twice":           "kind: A\nkind: B\n",
		"kind in another case": "kind: A\nKind: B\n",
		"number as kind":       "kind: 1\n",
		"list as kind":         "kind: [a]\n",
		"map as name":          "metadata: {name: {a: b}}\n",
		"metadata a list":      "metadata: [a]\n",
		"metadata a string":    "metadata: a\n",
		"annotations a list":   "metadata: {annotations: [a]}\n",
		"annotation a map":     "metadata: {annotations: {a: {b: c}}}\n",
		"annotation a list":    "metadata: {annotations: {a: [b]}}\n",
		"a list":               "- kind: A\n",
	} {
		if head, ok := fastyaml.ReadHead(src); ok {
			t.Errorf("%s: read as %+v", name, head)
		}
	}
}

// FuzzAgainstYAML holds every answer to the one of the full decoder.
func FuzzAgainstYAML(f *testing.F) {
	for _, texts := range []map[string]string{insideSubset, beyondSubset} {
		for _, src := range texts {
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src string) { compare(t, src) })
}

func compare(t *testing.T, src string) {
	t.Helper()
	var want any
	wantErr := yaml.Unmarshal([]byte(src), &want)

	if value, ok := fastyaml.Values(src); ok && (wantErr != nil || !reflect.DeepEqual(value, want)) {
		t.Errorf("%q: values are %#v, want %#v, %v", src, value, want, wantErr)
	}
	if data, ok := fastyaml.JSON(src); ok {
		var value any
		err := json.Unmarshal(data, &value)
		if err != nil || wantErr != nil || !reflect.DeepEqual(value, want) {
			t.Errorf("%q: JSON is %s, %v, want %#v, %v", src, data, err, want, wantErr)
		}
	}
	if head, ok := fastyaml.ReadHead(src); ok {
		var object struct {
			APIVersion string `json:"apiVersion"`
			Kind       string `json:"kind"`
			Metadata   struct {
				Name        string            `json:"name"`
				Namespace   any               `json:"namespace"`
				Annotations map[string]string `json:"annotations"`
			} `json:"metadata"`
		}
		err := yaml.Unmarshal([]byte(src), &object)
		namespace, _ := object.Metadata.Namespace.(string)
		want := fastyaml.Head{APIVersion: object.APIVersion, Kind: object.Kind, Namespace: namespace, Name: object.Metadata.Name}
		if err != nil || head != want {
			t.Errorf("%q: head is %+v, want %+v, %v", src, head, want, err)
		}
	}
}
