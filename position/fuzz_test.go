package position_test

import (
	"fmt"
	"testing"

	"github.com/istio-egress/istio-egress/position"
)

// FuzzPositions finds every value of a file that can be read, and nothing else, by its path.
func FuzzPositions(f *testing.F) {
	for _, seed := range []string{
		values, "a: 1\nb: [1, {c: 2}]\n", "\uFEFFa: \"x\"\r\nb:\r\n  - c: 1\r\n", "a: &a {b: 1}\nc: {<<: *a, d: 2}\n",
		"a: &a [1]\nb: *a\nc: {<<: [{x: 1}, {x: 2}]}\n", "{a: b, ? c : d, \"e\\u00e9\": 'f''g'}\n", "a: |\n  b\n  c\nd: >-\n  e\n", "? |\n  long\n: x\n",
		"a: !!str 1\n", "%YAML 1.1\n---\na: 1\n...\n", "- a\n", "a:\n\t- b\n", "a: 1\n---\nb: 2\n", bomb(4),
	} {
		f.Add([]byte(seed), "a.b[0]", 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, anyPath string, line int) {
		if len(data) > 1<<16 {
			return
		}
		file, faults := position.Parse("values.yaml", data)
		for _, fault := range faults {
			if fault.Position.Line < 1 || fault.Position.Column < 1 || fault.Message == "" {
				t.Errorf("%+v", fault)
			}
		}
		if file == nil {
			return
		}
		if path, err := position.ParsePath(anyPath); err == nil {
			file.Find(path)
			if again, err := position.ParsePath(path.String()); err != nil || again.String() != path.String() {
				t.Errorf("%q is written as %q: %v", anyPath, path, err)
			}
		}
		if last := file.LastLine(line); last != 0 && last < line {
			t.Errorf("what begins on line %d ends on line %d", line, last)
		}
		file.Scalars("a")
		if len(faults) > 0 {
			return
		}
		if file.LoadFault() == nil && file.Root().Kind() == position.Map {
			visit(t, file, nil, file.Root().Value(), new(int))
		}
	})
}

// visit looks every value up. Aliases can make many of few bytes, so there is a bound.
func visit(t *testing.T, file *position.File, path position.Path, value any, count *int) {
	t.Helper()
	if *count++; *count > 2000 {
		return
	}
	if place := file.Find(path); !place.Exists || place.Value.Line < 1 || place.Key.Column < 1 {
		t.Fatalf("%q: %+v", path, place)
	}
	switch value := value.(type) {
	case map[string]any:
		for key, item := range value {
			visit(t, file, path.Join(position.Key(key)), item, count)
		}
	case []any:
		for i, item := range value {
			visit(t, file, path.Join(position.Index(i)), item, count)
		}
	}
}

// FuzzAssignments reads any --set argument.
func FuzzAssignments(f *testing.F) {
	for _, seed := range []string{"a.b[0].c=1", `a\.b=c\,d,e={1,2}`, `{"a": 1}`, "a[", "a=", ",", `a={"b": `} {
		f.Add(seed, 0)
	}
	f.Fuzz(func(t *testing.T, argument string, kind int) {
		flag := []string{"--set", "--set-string", "--set-json", "--set-file"}[uint(kind)%4]
		for _, assignment := range position.Assignments(flag, argument) {
			if _, err := position.ParsePath(assignment.Path.String()); err != nil {
				t.Errorf("%s %q: path %q: %v", flag, argument, assignment.Path, err)
			}
			_ = fmt.Sprint(assignment.Text)
		}
	})
}
