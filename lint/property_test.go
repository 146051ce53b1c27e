package lint_test

import (
	"errors"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/manifests"
	"github.com/istio-egress/istio-egress/render"
)

var (
	cases = flag.Int("cases", defaultCases(), "random values for each property; 2000 where CI is set")
	seed  = flag.Uint64("seed", 1, "seed of the random values")
)

func defaultCases() int {
	if os.Getenv("CI") != "" {
		return 2000
	}
	return 300
}

// random returns the source of a case: the same whatever number of cases is run.
func random(i int) *rand.Rand { return rand.New(rand.NewPCG(*seed, uint64(i))) }

// What lint accepts renders, decodes strictly, and lints clean as manifests.
func TestAcceptedValuesRender(t *testing.T) {
	chart := load(t)
	for i := range *cases {
		values := valuesgen.Valid(random(i), 1+i%12)
		findings := lintValues(t, chart, values)
		if errs, _ := lint.Count(findings); errs > 0 {
			t.Fatalf("seed %d, case %d: refused: %v\n%s", *seed, i, findings, text(t, values))
		}
		result, err := chart.Render(values, render.Options{})
		if err != nil {
			t.Fatalf("seed %d, case %d: accepted by lint, and does not render: %v\n%s", *seed, i, err, text(t, values))
		}
		if _, err := result.Objects(); err != nil {
			t.Fatalf("seed %d, case %d: does not decode: %v\n%s", *seed, i, err, text(t, values))
		}
		checkRendered(t, result, i)
	}
}

// warnedOf are warnings of manifests that values may ask for: they have been warned of there.
var warnedOf = []string{"manifest-insecure", "manifest-endpoints-legacy", "manifest-plaintext"}

// checkRendered lints the chart's own output: what else it finds there is false, or the chart's fault.
func checkRendered(t *testing.T, result *render.Result, i int) {
	t.Helper()
	if len(result.Manifest()) == 0 {
		return
	}
	findings, _, err := manifests.Lint([]string{"-"}, strings.NewReader(string(result.Manifest())), lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range findings {
		if !slices.Contains(warnedOf, finding.ID) {
			t.Fatalf("seed %d, case %d: %s: %s [%s]\n%s", *seed, i, finding.Position, finding.Message, finding.ID, result.Manifest())
		}
	}
}

// A planted fault is found, by its id and at its path, and what lint refuses the chart refuses.
func TestPlantedFaultsAreFound(t *testing.T) {
	chart := load(t)
	planted := map[string]int{}
	for i := range *cases {
		source := random(i)
		values, fault := valuesgen.Plant(source, valuesgen.Valid(source, 1+i%6))
		if fault.ID == "" {
			continue
		}
		planted[fault.ID]++
		findings := lintValues(t, chart, values)
		if !found(findings, fault) {
			t.Errorf("seed %d, case %d: %+v not found among %+v\n%s", *seed, i, fault, findings, text(t, values))
		}
		_, err := chart.Render(values, render.Options{})
		var refused *render.RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("seed %d, case %d: refused by lint, and the chart says %v\n%s", *seed, i, err, text(t, values))
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("planted: %v", planted)
}

func found(findings []lint.Finding, fault valuesgen.Fault) bool {
	for _, finding := range findings {
		if finding.ID == fault.ID && finding.Path == fault.Path {
			return true
		}
	}
	return false
}

// lintValues lints the values as a user would give them, in a file.
func lintValues(t *testing.T, chart *render.Chart, values map[string]any) []lint.Finding {
	t.Helper()
	findings, err := lint.Releases(chart, []lint.Release{{Values: render.ValuesOptions{
		Files: []string{"-"}, Stdin: strings.NewReader(text(t, values)),
	}}}, lint.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text(t, values))
	}
	return findings
}

func text(t *testing.T, values map[string]any) string {
	t.Helper()
	if len(values) == 0 {
		return "{}\n"
	}
	data, err := yaml.Marshal(values)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
