package render

import (
	"os"
	"path/filepath"
	"testing"
)

// The fast path must not be told from Helm's own: bytes, documents, notes and errors are the same.

func TestFastPathIsHelms(t *testing.T) {
	for _, dir := range globbed(t, "testdata/charts/*") {
		chart, err := LoadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			sameAsHelm(t, chart, nil)
			for _, file := range globbed(t, dir+"/ci/*-values.yaml") {
				t.Run(filepath.Base(file), func(t *testing.T) { sameAsHelm(t, chart, readValues(t, file)) })
			}
		})
	}
}

func TestFastPathIsHelmsForTheExamples(t *testing.T) {
	chart, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if chart.fast == nil {
		t.Fatal("the embedded chart has no fast path")
	}
	for _, file := range globbed(t, "../examples/*/values.yaml") {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			values := readValues(t, file)
			sameAsHelm(t, chart, values)
			if _, err := chart.fast.render(values, testRelease(t)); err != nil {
				t.Errorf("is left to Helm: %v", err)
			}
		})
	}
}

func globbed(t *testing.T, pattern string) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func readValues(t *testing.T, file string) map[string]any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	values, err := ParseValues(data)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func testRelease(t testing.TB) helmRelease {
	t.Helper()
	release, err := newHelmRelease(Options{Namespace: "team-a"})
	if err != nil {
		t.Fatal(err)
	}
	return release
}

func sameAsHelm(t *testing.T, chart *Chart, values map[string]any) {
	t.Helper()
	got, gotErr := chart.Render(values, Options{Namespace: "team-a"})
	want, wantErr := chart.helm.renderWithHelm(values, testRelease(t))
	if (gotErr == nil) != (wantErr == nil) || gotErr != nil && gotErr.Error() != wantErr.Error() {
		t.Fatalf("error %v, Helm's %v", gotErr, wantErr)
	}
	if gotErr != nil {
		return
	}
	if g, w := string(got.Manifest()), string(want.Manifest()); g != w {
		t.Errorf("manifest\n%s\nHelm's\n%s", g, w)
	}
	if got.Notes() != want.Notes() {
		t.Errorf("notes %q, Helm's %q", got.Notes(), want.Notes())
	}
	for i, d := range got.Documents() {
		if w := want.Documents()[i]; d != w {
			t.Errorf("document %+v, Helm's %+v", d, w)
		}
	}
}
