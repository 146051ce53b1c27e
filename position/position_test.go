package position_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/position"
)

const values = `# services
externalNameServices:
  - name: my-httpbin
    externalName: httpbin.org
    ports: [{name: http, port: 80}, {name: https, port: 443}]
    tls: &simple
      mode: SIMPLE
  - name: other
    tls: *simple
  -
    name: third
    tls:
      <<: *simple
      sni: "x"
    serverName:
endpointServices:
  my-wikipedia:
    addresses:
      - 192.0.2.1
    "a.b/c": {d: é, e: "f"}
`

func parse(t *testing.T, name, text string) *position.File {
	t.Helper()
	file, faults := position.Parse(name, []byte(text))
	if file == nil || len(faults) > 0 {
		t.Fatalf("%s: faults %v", name, faults)
	}
	return file
}

func find(t *testing.T, layers *position.Layers, text string) position.Place {
	t.Helper()
	path, err := position.ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	if path.String() != text {
		t.Errorf("path %q is written back as %q", text, path)
	}
	return layers.Find(path)
}

func TestFindInOneFile(t *testing.T) {
	layers := position.Merge([]*position.File{parse(t, "values.yaml", values)}, nil)
	for _, test := range []struct {
		path, key, value string
		missing          bool
	}{
		{path: "", key: "2:1", value: "2:1"},
		{path: "externalNameServices", key: "2:1", value: "2:1"},
		{path: "externalNameServices[0]", key: "3:5", value: "3:5"},
		{path: "externalNameServices[0].name", key: "3:5", value: "3:11"},
		{path: "externalNameServices[0].ports[1].port", key: "5:51", value: "5:57"},
		{path: "externalNameServices[0].tls.mode", key: "7:7", value: "7:13"},
		{path: "externalNameServices[0].tls.sni", key: "6:5", value: "6:5", missing: true},
		{path: "externalNameServices[1].tls", key: "9:5", value: "9:5"},
		{path: "externalNameServices[1].tls.mode", key: "7:7", value: "7:13"},
		{path: "externalNameServices[1].tls.sni", key: "9:5", value: "9:5", missing: true},
		{path: "externalNameServices[2]", key: "11:5", value: "11:5"},
		{path: "externalNameServices[2].tls.mode", key: "7:7", value: "7:13"},
		{path: "externalNameServices[2].tls.sni", key: "14:7", value: "14:12"},
		{path: "externalNameServices[2].serverName", key: "15:5", value: "15:5"},
		{path: "externalNameServices[2].ports", key: "11:5", value: "11:5", missing: true},
		{path: "externalNameServices[9].ports", key: "2:1", value: "2:1", missing: true},
		{path: "endpointServices.my-wikipedia", key: "17:3", value: "17:3"},
		{path: "endpointServices.my-wikipedia.addresses[0]", key: "19:9", value: "19:9"},
		{path: `endpointServices.my-wikipedia["a.b/c"]`, key: "20:5", value: "20:5"},
		{path: `endpointServices.my-wikipedia["a.b/c"].e`, key: "20:21", value: "20:24"},
	} {
		place := find(t, layers, test.path)
		if place.Key.String() != "values.yaml:"+test.key || place.Value.String() != "values.yaml:"+test.value || place.Exists == test.missing {
			t.Errorf("%s: got key %s value %s exists %t, want key %s value %s", test.path, place.Key, place.Value, place.Exists, test.key, test.value)
		}
	}
}

func TestAliasesAreNamed(t *testing.T) {
	layers := position.Merge([]*position.File{parse(t, "values.yaml", values)}, nil)
	place := find(t, layers, "externalNameServices[1].tls.mode")
	if got := fmt.Sprint(place.Via); got != "[values.yaml:9:10]" {
		t.Errorf("via %s, want the alias' place", got)
	}
}

func TestFindInMergedFiles(t *testing.T) {
	base := parse(t, "base.yaml", `
externalNameServices:
  api: {externalName: a.example, tls: {mode: SIMPLE}}
  gone: {externalName: b.example}
  list:
    ports: [{name: http, port: 80}]
`)
	team := parse(t, "team.yaml", `
externalNameServices:
  api:
    tls: {sni: x}
  gone: null
  list:
    ports:
      - name: https
`)
	back := parse(t, "back.yaml", "externalNameServices:\n  gone: {serverName: c.example}\n")
	flags := append(position.Assignments("--set", "externalNameServices.api.tls.mode=MUTUAL,externalNameServices.new.externalName=x"),
		position.Assignments("--set-json", `externalNameServices.list.ports=[{"port":1}]`)...)

	files := position.Merge([]*position.File{base, nil, team, back}, nil)
	with := position.Merge([]*position.File{base, team, back}, flags)
	for _, test := range []struct {
		layers     *position.Layers
		path, want string
	}{
		{files, "externalNameServices.api.tls.mode", "base.yaml:3:46"},
		{files, "externalNameServices.api.tls.sni", "team.yaml:4:16"},
		{files, "externalNameServices.api.tls.credentialName", "team.yaml:4:5"},
		{files, "externalNameServices.api", "team.yaml:3:3"},
		{files, "externalNameServices.list.ports[0].name", "team.yaml:8:15"},
		{files, "externalNameServices.list.ports[0].port", "team.yaml:8:9"},
		{files, "externalNameServices.gone.serverName", "back.yaml:2:22"},
		{files, "externalNameServices.gone.externalName", "back.yaml:2:3"}, // the null removed the first
		{with, "externalNameServices.api.tls.mode", "--set externalNameServices.api.tls.mode=MUTUAL"},
		{with, "externalNameServices.api.tls.sni", "team.yaml:4:16"},
		{with, "externalNameServices.new.ports", "--set externalNameServices.new.externalName=x"},
		{with, "externalNameServices.list.ports[0].name", `--set-json externalNameServices.list.ports=[{"port":1}]`},
		{with, "externalNameServices.api.ports", "team.yaml:3:3"},
	} {
		if got := find(t, test.layers, test.path).Value.String(); got != test.want {
			t.Errorf("%s: got %s, want %s", test.path, got, test.want)
		}
	}
}

func TestAssignments(t *testing.T) {
	for _, test := range []struct{ flag, argument, want string }{
		{"--set", "a.b[0].c=1", "a.b[0].c"},
		{"--set", `a\.b.c={1,2},d=3`, `["a.b"].c d`},
		{"--set", `a=b\,c,e=`, "a e"},
		{"--set-string", "a=1", "a"},
		{"--set-json", `a={"x": [1,2]},b[1]=2`, "a b[1]"},
		{"--set-json", `{"a": 1}`, "a"},
		{"--set", "a[x]=1", "a"},
		{"--set", ",,=", "  "},
		{"--set", "a", "a"},
	} {
		var got []string
		for _, assignment := range position.Assignments(test.flag, test.argument) {
			got = append(got, assignment.Path.String())
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s %s: got %q, want %q", test.flag, test.argument, got, test.want)
		}
	}
}

func TestFaults(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"tab":             {"a: 1\nb:\n\tc: 1\n", "yaml-syntax 3:1"},
		"indentation":     {"x:\n  a: 1\n b: 2\n", "yaml-syntax 3:2"},
		"colon":           {"a: 1\nb: c: d\n", "yaml-syntax 2:5"},
		"unclosed":        {"a: [1,\nc: 2\n", "yaml-syntax 1:4"},
		"no colon":        {"a: 1\nb\nc: 2\n", "yaml-syntax 2:1"},
		"open quotes":     {"a: 1\nb: \"x\nc: 2\n", "yaml-syntax 2:4"},
		"at the end":      {"a: [", "yaml-syntax 1:5"},
		"after the end":   {"  a: 1\nb: 2\n", "yaml-syntax 2:1"},
		"anchor":          {"a: 1\nb: *x\n", "yaml-syntax 2:4"},
		"not UTF-8":       {"a: 1\nb: é\xff\n", "yaml-syntax 2:5"},
		"control":         {"\uFEFFab\x01: 1\n", "yaml-syntax 1:3"},
		"documents":       {"a: 1\n---\nb: 2\n", "yaml-documents 3:1"},
		"last separator":  {"a: 1\n---\n# the end\n", ""},
		"third document":  {"a: 1\n---\n---\nb: 1\n", "yaml-documents 4:1"},
		"duplicate":       {"a: 1\nb:\n  c: 1\n  c: 2\n", "yaml-duplicate-key 4:3 (3:3)"},
		"number as key":   {"a:\n  80: x\n", "yaml-key 2:3"},
		"boolean as key":  {"a: {no: x}\n", "yaml-key 1:5"},
		"list as key":     {"? [a]\n: x\n", "yaml-key 1:3"},
		"null as key":     {"~: x\n", "yaml-key 1:1"},
		"NaN":             {"a: [1, .NaN, '.nan']\n", "yaml-number 1:8"},
		"cycle":           {"a: &a {b: *a}\n", "yaml-syntax 1:11"},
		"bomb":            {bomb(12), "yaml-too-large 7:10"},
		"nesting":         {strings.Repeat("[", 1<<20), "yaml-syntax 1:10001"},
		"nested maps":     {strings.Repeat("{a: ", 1<<18), "yaml-syntax 1:40001"},
		"too many":        {"[" + strings.Repeat("1,", position.MaxNodes+1), "yaml-too-large 1:1"},
		"long list":       {"a:\n" + strings.Repeat("- b\n", position.MaxItems+1), "yaml-too-large 2:1"},
		"too large":       {strings.Repeat("#", position.MaxBytes+1), "yaml-too-large 1:1"},
		"CRLF":            {"a: 1\r\nb:\r\n  c: 1\r\n  c: 2\r\n", "yaml-duplicate-key 4:3 (3:3)"},
		"byte order mark": {"\uFEFFa: 1\na: 2", "yaml-duplicate-key 2:1 (1:1)"},
		"clean":           {"---\na: 1\nb: {c: \"no\", 'd': no}\n...\n", ""},
		"long string":     {"a: " + strings.Repeat("x", 1<<20), ""},
		"twice merged":    {"a: &a {x: 1}\nb: {<<: *a, <<: *a, x: 2}\n", ""},
		"empty":           {"", ""},
		"list":            {"- a\n- b\n", "yaml-shape 1:1"},
		"scalar":          {"# a\nabc\n", "yaml-shape 2:1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, faults := position.Parse("values.yaml", []byte(test.text))
			var got []string
			for _, fault := range faults {
				text := fault.ID + strings.TrimPrefix(fault.Position.String(), "values.yaml") + fmt.Sprint(fault.Related)
				text = strings.NewReplacer("values.yaml:", "", "[]", "", "[", " (", "]", ")").Replace(text)
				got = append(got, strings.Replace(text, ":", " ", 1))
				if fault.Message == "" {
					t.Errorf("%s has no message", fault.ID)
				}
			}
			if strings.Join(got, ", ") != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestOctals(t *testing.T) {
	const text = "a: [0443, 0644, +010, -0_17, 017777777777777777777777777777]\nport: &p 0443\nb: *p\n" +
		"# none\nc: [07, 0, 00, 443, 0o443, 0x443, 0b11, 08, 0.5, 0443.0, \"0443\", '010', !!str 010, 0443a, 1:30]\n"
	file, faults := position.Parse("values.yaml", []byte(text))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	var got []string
	for _, octal := range file.Octals() {
		got = append(got, fmt.Sprintf("%s %s %s", octal.ID, octal.Position, octal.Message))
	}
	for i, want := range []string{
		`yaml-octal values.yaml:1:5 0443 begins with a zero, so YAML takes it for octal, the number 291: write 443, 0o443 if octal is meant, or "0443" for a string`,
		`yaml-octal values.yaml:1:11 0644 begins with a zero, so YAML takes it for octal, the number 420: write 644, 0o644 `,
		`yaml-octal values.yaml:1:17 +010 begins with a zero, so YAML takes it for octal, the number 8: write 10, 0o10 `,
		`yaml-octal values.yaml:1:23 -0_17 begins with a zero, so YAML takes it for octal, the number -15: write -17, -0o17 `,
		`yaml-octal values.yaml:2:7 0443 begins with a zero`,
	} {
		if i >= len(got) || !strings.HasPrefix(got[i], want) {
			t.Errorf("got %q, want number %d to be %s", got, i, want)
		}
	}
	const want = 5
	if len(got) != want {
		t.Errorf("got %q, want %d", got, want)
	}
}

// Where the parser's own words do not tell what to write, the fault does.
func TestFaultsSayWhatToWrite(t *testing.T) {
	for text, want := range map[string]string{
		"a:\n\tb: 1\n":    "indent with spaces, not tabs",
		"a: b: c\n":       "put a value that contains \": \" in quotes",
		"a: [\n":          "close each [ and {, and put a value that begins with one in quotes",
		"a: \"b\n":        "close the quotes",
		"a: @b\n":         "put the value in quotes",
		"a: {{ .b }}\n":   "put text with {{ in quotes",
		"a: 1\nb\nc: 2\n": "write key: value",
	} {
		_, faults := position.Parse("values.yaml", []byte(text))
		if len(faults) != 1 || !strings.Contains(faults[0].Message, want) {
			t.Errorf("%q: faults %v, want one with %q", text, faults, want)
		}
	}
}

// bomb is a billion laughs.
func bomb(levels int) string {
	text := "a0: &a0 [a, b, c, d, e, f, g, h, i, j]\n"
	for level := 1; level < levels; level++ {
		alias := fmt.Sprintf("*a%d", level-1)
		text += fmt.Sprintf("a%d: &a%d [%s]\n", level, level, strings.Join([]string{alias, alias, alias, alias, alias, alias, alias, alias, alias, alias}, ", "))
	}
	return text
}

func TestDocuments(t *testing.T) {
	files, faults := position.Documents("objects.yaml", []byte("---\n# nothing\n---\nkind: A\n---\nkind: B\nkind: C\n---\nx: [\n"))
	if len(files) != 2 || len(faults) != 2 {
		t.Fatalf("got %d documents and faults %v", len(files), faults)
	}
	place := position.Merge(files[1:], nil).Find(position.Path{position.Key("kind")})
	if place.Value.String() != "objects.yaml:7:7" {
		t.Errorf("kind of the second document at %s", place.Value)
	}
}

func BenchmarkParse(b *testing.B) {
	data := []byte("externalNameServices:\n" + strings.Repeat(`  - name: my-service
    namespace: team-a
    externalName: api.example.com
    ports:
      - {name: http, port: 80, targetPort: 443}
    tls:
      mode: SIMPLE
`, 10_000))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if file, _ := position.Parse("values.yaml", data); file == nil {
			b.Fatal("not parsed")
		}
	}
}
