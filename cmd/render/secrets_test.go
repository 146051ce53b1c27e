package main

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/charts"
	"github.com/istio-egress/istio-egress/lint/output"
)

// secrets are values that nobody should read in a log, by what they look like. Each ends in the marker.
var secrets = map[string]string{
	"key":           "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC" + marker + "\n-----END PRIVATE KEY-----\n",
	"key, one line": `-----BEGIN RSA PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC` + marker + `\n-----END RSA PRIVATE KEY-----`,
	"certificate":   "-----BEGIN CERTIFICATE----- MIIDdzCCAl+gAwIBAgIEAgAAuTAN" + marker + " -----END CERTIFICATE-----",
	"several lines": "user=egress\npassword=\"" + marker + "\"\n",
	"long":          strings.Repeat("Zm9vYmFy4", 20) + marker,
	"token":         "ghp_16C7e42F292c6912E7710c838347Ae178B4a" + marker,
	"sentence":      "the password of the vault is " + strings.Repeat("correct horse battery staple ", 4) + marker,
}

const marker = "S3CR3T0MARKER"

// stringPlaces are the paths of all texts that the schema knows: "0" is an item of a list, "KEY" a key of the user's own.
func stringPlaces(t *testing.T) [][]string {
	t.Helper()
	data, err := fs.ReadFile(charts.IstioEgress(), "values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var root map[string]any
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	w := schemaWalk{definitions: root["$defs"].(map[string]any)}
	w.walk(root, nil)
	return w.places
}

type schemaWalk struct {
	definitions map[string]any
	places      [][]string
}

func (w *schemaWalk) walk(schema map[string]any, at []string) {
	if ref, ok := schema["$ref"].(string); ok {
		w.walk(w.definitions[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any), at)
	}
	if strings.Contains(fmt.Sprint(schema["type"]), "string") || schema["enum"] != nil {
		w.places = append(w.places, at)
	}
	below := func(step string, value any) {
		if s, ok := value.(map[string]any); ok && len(at) < 9 {
			w.walk(s, append(slices.Clone(at), step))
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		below(name, properties[name])
	}
	below("0", schema["items"])
	below("KEY", schema["additionalProperties"])
	patterns, _ := schema["patternProperties"].(map[string]any)
	if schema["items"] == nil { // else entries in map form, which are those of the list
		for _, pattern := range patterns {
			below("KEY", pattern)
		}
	}
}

// baseValues have what each place needs around it to be looked at.
const baseValues = `
externalNameServices:
  - {name: api, externalName: api.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
endpointServices:
  - {name: db, addresses: [192.0.2.1], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}
`

func plant(t *testing.T, at []string, value any) string {
	t.Helper()
	var values map[string]any
	if err := yaml.Unmarshal([]byte(baseValues), &values); err != nil {
		t.Fatal(err)
	}
	text, err := yaml.Marshal(planted(values, at, value))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func planted(in any, at []string, value any) any {
	if len(at) == 0 {
		return value
	}
	if at[0] == "0" {
		list, _ := in.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		list[0] = planted(list[0], at[1:], value)
		return list
	}
	fields, ok := in.(map[string]any)
	if !ok {
		fields = map[string]any{}
	}
	fields[at[0]] = planted(fields[at[0]], at[1:], value)
	return fields
}

// whatIsSaid is what lint says in all formats, and what render says, manifests left out: with the schema and without it.
func whatIsSaid(t *testing.T, values string) string {
	t.Helper()
	folder := t.TempDir()
	var said strings.Builder
	args := []string{"lint", "-f", "-"}
	for _, format := range output.Formats() {
		args = append(args, "--format", format+"="+filepath.Join(folder, format))
	}
	for _, more := range [][]string{nil, {"--skip-schema-validation"}} {
		_, stdout, stderr := execute(values, append(args, more...)...)
		said.WriteString(stdout + stderr)
		for _, format := range output.Formats() {
			data, err := os.ReadFile(filepath.Join(folder, format))
			if err != nil {
				t.Fatalf("%v\n%s", err, stderr)
			}
			said.Write(data)
		}
		_, _, stderr = execute(values, append([]string{"-f", "-"}, more...)...)
		said.WriteString(stderr)
	}
	return said.String()
}

func checkSaid(t *testing.T, what, said string) {
	t.Helper()
	if at := strings.Index(said, marker); at >= 0 {
		t.Errorf("%s is repeated: %s", what, said[max(0, at-300):min(len(said), at+40)])
	}
}

// Wherever a key, a password or a token stands, nothing that refuses it, or warns of something else, repeats it.
func TestNoSecretIsRepeated(t *testing.T) {
	places := stringPlaces(t)
	if len(places) < 80 {
		t.Fatalf("%d places of texts in the schema", len(places))
	}
	kinds := slices.Sorted(maps.Keys(secrets))
	random := rand.New(rand.NewPCG(1, 2))
	for _, at := range places {
		kind := kinds[random.IntN(len(kinds))]
		checkSaid(t, kind+" at "+strings.Join(at, "."), whatIsSaid(t, plant(t, at, secrets[kind])))
	}
}

// Nor where it is the name of a field, which is found at its line all the same.
func TestNoSecretIsRepeatedAsAKey(t *testing.T) {
	for _, kind := range []string{"key", "certificate"} {
		for _, at := range [][]string{
			{}, {"externalNameServices"}, {"externalNameServices", "0"}, {"externalNameServices", "0", "ports", "0"}, {"externalNameServices", "0", "tls"},
			{"externalNameServices", "0", "labels"}, {"endpointServices", "0", "annotations"}, {"commonLabels"}, {"egressGateway"},
		} {
			said := whatIsSaid(t, plant(t, append(slices.Clone(at), secrets[kind]), "x"))
			checkSaid(t, kind+" as a key of "+strings.Join(at, "."), said)
			if !strings.Contains(said, "the name of a field is a ") {
				t.Errorf("a key of %s: %s", strings.Join(at, "."), said[:min(len(said), 300)])
			}
		}
	}
	for shown, key := range map[string]string{"a private key": "-----BEGIN PRIVATE KEY-----", "a certificate": "-----BEGIN CERTIFICATE-----"} {
		for _, flags := range [][]string{nil, {"--skip-schema-validation"}} {
			_, stdout, _ := execute("externalNameServices:\n  - name: a\n    \""+key+"\": x\n", append([]string{"lint", "-f", "-", "-q"}, flags...)...)
			if !strings.Contains(stdout, "<stdin>:3:5: error: externalNameServices[0][\"("+shown+", not shown)\"]: ") {
				t.Errorf("%v: %s", flags, stdout)
			}
		}
	}
}

// Helm prints a text that does not match a pattern, whatever it holds. So a pattern stands in an "if", beside the sentence that
// says what the text must be.
func TestSchemaHasNoPatternThatPrintsValues(t *testing.T) {
	data, err := fs.ReadFile(charts.IstioEgress(), "values.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var root any
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	var walk func(at string, node any)
	walk = func(at string, node any) {
		switch node := node.(type) {
		case map[string]any:
			if _, isPattern := node["pattern"].(string); isPattern && !strings.HasSuffix(at, "/if") && !strings.HasSuffix(at, "/propertyNames") {
				t.Errorf("%s has a pattern of its own: write it under if, and a sentence under else", at)
			}
			for name, below := range node {
				walk(at+"/"+name, below)
			}
		case []any:
			for i, below := range node {
				walk(fmt.Sprint(at, "/", i), below)
			}
		}
	}
	walk("#", root)
}
