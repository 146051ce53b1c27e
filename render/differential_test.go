package render

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/fasttemplate"
	"github.com/istio-egress/istio-egress/internal/sample"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
)

// The fast path must not be told from Helm's own: bytes, documents, notes and errors are the same.

// leftToHelm are the inputs that the fast path is right to leave to Helm although nothing is wrong with them.
var leftToHelm = map[string]bool{
	"parent":               true, // subcharts
	"parent/disabled":      true,
	"separators":           true, // documents that begin with a separator
	"refusals/table-a-b-c": true, // a warning of Helm's
	"refusals/scalar-a-b":  true,
}

func TestFastPathIsHelms(t *testing.T) {
	for _, dir := range globbed(t, "testdata/charts/*") {
		chart, err := LoadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(filepath.Base(dir), func(t *testing.T) {
			sameAsHelm(t, chart, nil)
			isFast(t, chart, nil)
			for _, file := range globbed(t, dir+"/ci/*-values.yaml") {
				t.Run(strings.TrimSuffix(filepath.Base(file), "-values.yaml"), func(t *testing.T) {
					values := readValues(t, file)
					sameAsHelm(t, chart, values)
					isFast(t, chart, values)
				})
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
			isFast(t, chart, values)
		})
	}
}

// isFast fails the test when values that Helm renders are left to Helm.
func isFast(t *testing.T, chart *Chart, values map[string]any) {
	t.Helper()
	_, name, _ := strings.Cut(t.Name(), "/")
	if _, err := chart.helm.renderWithHelm(values, testRelease(t)); err != nil {
		return
	}
	err := errLeaveToHelm
	if chart.fast != nil {
		_, err = chart.fast.render(values, testRelease(t))
	}
	if (err != nil) != leftToHelm[name] {
		t.Errorf("%s: fast path %v", name, err)
	}
}

// The embedded chart keeps to what the plain engine executes, writes to no values, and only its first file writes to what
// the files have in common.
func TestEmbeddedChartIsPlain(t *testing.T) {
	chart, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if chart.fast.plain == nil {
		_, err := fasttemplate.Compile(chart.fast.templates, templateFuncs())
		t.Fatal(err)
	}
	inputs := map[string]map[string]any{"nothing": nil, "sample": sample.Values(50)}
	for _, file := range globbed(t, "../examples/*/values.yaml") {
		inputs[file] = readValues(t, file)
	}
	for name, values := range inputs {
		t.Run(name, func(t *testing.T) {
			isPlainlyExecuted(t, chart, values)
			sameAsHelm(t, chart, values)
		})
	}
}

func isPlainlyExecuted(t *testing.T, chart *Chart, values map[string]any) {
	t.Helper()
	coalesced, _ := coalesce(values, chart.helm.defaults())
	guard := fasttemplate.NewGuard()
	protectValues(guard, coalesced)
	root := chart.fast.root(coalesced, testRelease(t))
	guard.Watch(root)
	if _, err := chart.fast.executeAll(plainEngine{chart.fast.plain, guard}, root); err != nil {
		t.Errorf("%v for %v", err, values)
	}
	if guard.Kept() {
		t.Error("the templates keep the root context, and so are executed one after the other")
	}
}

// Whatever is written in place of a value, the fast path prints what Helm prints, or refuses with its words.
func TestFastPathIsHelmsForChangedValues(t *testing.T) {
	chart, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(3, 4))
	for _, file := range globbed(t, "../examples/*/values.yaml") {
		for range 12 {
			values := readValues(t, file)
			sample.Change(random, values)
			sameAsHelm(t, chart, values)
		}
	}
}

// The whole contract, and every refusal: random values that the chart accepts, and the same with a fault planted.
func TestFastPathIsHelmsForGeneratedValues(t *testing.T) {
	chart, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	for seed := range uint64(30) {
		random := rand.New(rand.NewPCG(seed, 5))
		values := valuesgen.Valid(random, 1+random.IntN(25))
		sameAsHelm(t, chart, values)
		isFast(t, chart, values)
		isPlainlyExecuted(t, chart, values)
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
