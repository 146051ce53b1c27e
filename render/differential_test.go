package render

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
)

// Both engines must not be told from Helm's own: bytes, documents, notes and errors are the same.

// leftToHelm are the inputs that are rightly left to Helm although nothing is wrong with them.
var leftToHelm = map[string]bool{
	"parent":               true, // subcharts
	"parent/disabled":      true,
	"refusals/table-a-b-c": true, // a warning of Helm's
	"refusals/scalar-a-b":  true,
}

func TestTextEngineIsHelms(t *testing.T) {
	for _, dir := range globbed(t, "testdata/charts/*") {
		chart := loadTestDir(t, dir)
		for name, values := range testValues(t, dir) {
			t.Run(name, func(t *testing.T) {
				sameAsHelm(t, chart, values)
				isRenderedHere(t, chart, values)
			})
		}
	}
}

// testValues are the values that a chart of the tests comes with, by the chart's name and theirs: none, and its files.
func testValues(t *testing.T, dir string) map[string]map[string]any {
	t.Helper()
	chart := filepath.Base(dir)
	all := map[string]map[string]any{chart: nil}
	for _, file := range globbed(t, dir+"/ci/*-values.yaml") {
		all[chart+"/"+strings.TrimSuffix(filepath.Base(file), "-values.yaml")] = readValues(t, file)
	}
	return all
}

func TestCompiledEngineIsHelmsForTheExamples(t *testing.T) {
	chart := loadEmbeddedChart(t)
	for _, file := range globbed(t, "../examples/*/values.yaml") {
		t.Run(filepath.Base(filepath.Dir(file)), func(t *testing.T) {
			values := readValues(t, file)
			sameAsHelm(t, chart, values)
			isRenderedHere(t, chart, values)
		})
	}
}

func loadEmbeddedChart(t *testing.T) *Chart {
	t.Helper()
	chart, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

func loadTestDir(t *testing.T, dir string) *Chart {
	t.Helper()
	chart, err := LoadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

// isRenderedHere fails the test when values that Helm renders are left to Helm.
func isRenderedHere(t *testing.T, chart *Chart, values map[string]any) {
	t.Helper()
	_, name, _ := strings.Cut(t.Name(), "/")
	if _, err := chart.helm.renderWithHelm(values, testRelease(t)); err != nil {
		return
	}
	err := errLeaveToHelm
	if chart.prepared != nil {
		_, err = chart.prepared.render(t.Context(), values, testRelease(t))
	}
	if (err != nil) != leftToHelm[name] {
		t.Errorf("%s: %v", name, err)
	}
}

// Whatever is written in place of a value, what is printed is what Helm prints, or refused with its words.
func TestCompiledEngineIsHelmsForChangedValues(t *testing.T) {
	chart := loadEmbeddedChart(t)
	random := rand.New(rand.NewPCG(3, 4))
	for _, file := range globbed(t, "../examples/*/values.yaml") {
		for range 12 {
			values := readValues(t, file)
			valuesgen.Change(random, values)
			sameAsHelm(t, chart, values)
		}
	}
}

// The whole contract, and every refusal: random values that the chart accepts, and the same with a fault planted.
func TestCompiledEngineIsHelmsForGeneratedValues(t *testing.T) {
	chart := loadEmbeddedChart(t)
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 5))
		values := valuesgen.Random(random, 1+random.IntN(25))
		sameAsHelm(t, chart, values)
		isRenderedHere(t, chart, values)
		faulty, _ := valuesgen.Plant(random, values)
		sameAsHelm(t, chart, faulty)
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
	release, err := newHelmRelease(Options{Namespace: "default"})
	if err != nil {
		t.Fatal(err)
	}
	return release
}

// sortedLines makes messages comparable: the schema's errors have a random order.
func sortedLines(err error) string {
	if err == nil {
		return ""
	}
	lines := strings.Split(err.Error(), "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func sameAsHelm(t *testing.T, chart *Chart, values map[string]any) {
	t.Helper()
	got, gotErr := chart.Render(values, Options{Namespace: "default"})
	want, wantErr := chart.helm.renderWithHelm(values, testRelease(t))
	if sortedLines(gotErr) != sortedLines(wantErr) {
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
