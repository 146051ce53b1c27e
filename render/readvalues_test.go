package render_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/render"
)

func valuesFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestReadValuesMerges(t *testing.T) {
	got, err := render.ReadValues(render.ValuesOptions{
		Files:     []string{valuesFile(t, "a: {b: 1, c: [1, 2]}\nd: x\n"), "-", valuesFile(t, "# later\n")},
		SetJSON:   []string{`j={"k":[1]}`},
		Set:       []string{"n=5,t=true,z=null", "a.list[1].x=y"},
		SetString: []string{"s=5"},
		SetFile:   []string{"f=" + valuesFile(t, "text\n")},
		Stdin:     strings.NewReader("a: {c: [3]}\n"),
	})
	want := map[string]any{
		"a": map[string]any{"b": 1.0, "c": []any{3.0}, "list": []any{nil, map[string]any{"x": "y"}}},
		"d": "x", "j": map[string]any{"k": []any{1.0}}, "n": int64(5), "t": true, "z": nil, "s": "5", "f": "text\n",
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("values %#v, %v, want %#v", got, err, want)
	}
}

func TestReadValuesErrors(t *testing.T) {
	for name, tc := range map[string]struct{ content, want string }{
		"broken":            {"a: 1\nb:\n  - c\n d: e\n", "line 4: not YAML: "},
		"tab":               {"a:\n\tb: c\n", "line 2: not YAML: "},
		"unclosed":          {"a: @x\n", "line 1: not YAML: "},
		"null as a key":     {"a: 1\nnull: {b: c}\n", "line 2: null is not a string for YAML (Helm reads a number, a yes or no, or nothing): write it in quotes, \"null\""},
		"a list as a key":   {"a: 1\n? [b]\n: c\n", "line 2: a list or map cannot be a key: write a string"},
		"no number":         {"a: .nan\n", "line 1: .nan is no number that Helm can read"},
		"all at once":       {"1: a\n~: b\n", "write it in quotes, \"1\"\nline 2: ~ is not a string"},
		"empty":             {" \n", "the file is empty"},
		"comments":          {"# a\n---\n# b\n", "there are no values in it"},
		"a list":            {"- a\n", "not a list"},
		"a string":          {"a\n", "not a string"},
		"two documents":     {"a: b\n---\nc: d\n", "line 3: a second YAML document; values are one document, give several files instead"},
		"two objects":       {"kind: Service\n---\nkind: Service\n", "line 3: a second YAML document; Kubernetes objects are no values: give them by --manifests"},
		"two on the marker": {"a: b\n--- {c: d}\n", "line 2: a second YAML document"},
	} {
		path := valuesFile(t, tc.content)
		_, err := render.ReadValues(render.ValuesOptions{Files: []string{path}})
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: error %v, want %s", name, err, tc.want)
		}
	}
	_, err := render.ReadValues(render.ValuesOptions{Files: []string{"no-such-file"}})
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v", err)
	}
	_, err = render.ReadValues(render.ValuesOptions{Files: []string{valuesFile(t, "")}})
	if !errors.Is(err, render.ErrNoValues) {
		t.Errorf("empty file: %v", err)
	}
}

// A flag that does not fit the file's form is told what the file has.
func TestReadValuesOfFlagsThatDoNotFit(t *testing.T) {
	const values = "services:\n  web: {ports: [{name: http}]}\n  api.v1: {}\nlist: [{name: a}, {name: b}]\nempty: {}\ndomain: x\n"
	for want, options := range map[string]render.ValuesOptions{
		`--set services[0].name=x: services is a map in the values: write a name instead of [0], such as services.api\.v1.name`:         {Set: []string{"services[0].name=x"}},
		"--set empty[1]=x: empty is a map in the values: write a name instead of [1], such as empty.<name>":                             {Set: []string{"a=b,empty[1]=x"}},
		"--set-string list.b.ports[0].port=1: list is a list in the values: write a number instead of b, such as list[1].ports[0].port": {SetString: []string{"list.b.ports[0].port=1"}},
		`--set-json services.web.ports.https={"a":1}: services.web.ports is a list in the values: write a number instead of https, such as services.web.ports[0]`: {
			SetJSON: []string{`services.web.ports.https={"a":1}`},
		},
		`--set domain.name=x: domain is the string "x" in the values, with nothing inside: set domain itself`: {Set: []string{"domain.name=x"}},
		"--set new.a=b: new is the number 5 in the values, with nothing inside: set new itself":               {Set: []string{"new=5", "new.a=b"}},
		"failed parsing --set data b: key \"b\" has no value":                                                 {Set: []string{"new.a=5", "new=5", "b"}},
	} {
		options.Files = []string{valuesFile(t, values)}
		if _, err := render.ReadValues(options); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestReadValuesAcceptsOneDocument(t *testing.T) {
	for _, content := range []string{
		"---\na: b\n", "# c\n---\na: b\n---\n# the end\n", "a: b\n...\n", "{a: b}", "a: |\n  b\n\n  # text\n", "{}", "\ufeffa: b\n",
	} {
		if _, err := render.ReadValues(render.ValuesOptions{Files: []string{valuesFile(t, content)}}); err != nil {
			t.Errorf("%q: %v", content, err)
		}
	}
}

func TestReadValuesReadsStdinOnce(t *testing.T) {
	for name, options := range map[string]render.ValuesOptions{
		"two files":          {Files: []string{"-", " -"}},
		"a file and a value": {Files: []string{"-"}, SetFile: []string{"a=-"}},
		"two values":         {SetFile: []string{"a=-,b=-"}},
	} {
		options.Stdin = strings.NewReader("a: b\n")
		_, err := render.ReadValues(options)
		if err == nil || !strings.Contains(err.Error(), "<stdin>: it is given more than once") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestReadValuesReadsFilesKeptElsewhere(t *testing.T) {
	files := map[string]string{"main:values.yaml": "a: b\n", "main:ca.pem": "text\n"}
	options := render.ValuesOptions{
		Files: []string{"main:values.yaml"}, SetFile: []string{"ca=main:ca.pem"},
		ReadFile: func(name string) ([]byte, error) {
			text, ok := files[name]
			if !ok {
				return nil, errors.New("no such file in main")
			}
			return []byte(text), nil
		},
	}
	got, err := render.ReadValues(options)
	if want := map[string]any{"a": "b", "ca": "text\n"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("values %v, %v, want %v", got, err, want)
	}
	options.Files = []string{"other.yaml"}
	if _, err := render.ReadValues(options); err == nil || !strings.Contains(err.Error(), "no such file in main") {
		t.Errorf("error %v", err)
	}
}
