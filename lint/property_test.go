package lint_test

import (
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/manifests"
	"github.com/istio-egress/istio-egress/render"
)

// What lint accepts renders, decodes strictly, and lints clean as manifests.
func TestAcceptedValuesRender(t *testing.T) {
	chart := load(t)
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(12))
		findings := lintValues(t, chart, values)
		if errs, _ := lint.Count(findings); errs > 0 {
			t.Fatalf("refused: %v\n%s", findings, text(t, values))
		}
		result, err := chart.Render(values, render.Options{})
		if err != nil {
			t.Fatalf("accepted by lint, and does not render: %v\n%s", err, text(t, values))
		}
		if _, err := result.Objects(); err != nil {
			t.Fatalf("does not decode: %v\n%s", err, text(t, values))
		}
		checkRendered(t, result, values["dnsCapture"] == true)
	})
}

// warnedOf are warnings of manifests that values may ask for: they have been warned of there.
var warnedOf = []string{
	"manifest-insecure", "manifest-endpoints-legacy", "manifest-plaintext", "manifest-start-tls", "manifest-tls-to-plaintext-port",
	"manifest-http-on-443", "manifest-host-namespaces", "manifest-newer-istio",
}

// checkRendered lints the chart's own output: what else it finds there is false, or the chart's fault.
func checkRendered(t *testing.T, result *render.Result, dnsCapture bool) {
	t.Helper()
	if len(result.Manifest()) == 0 {
		return
	}
	findings, _, err := manifests.Lint([]string{"-"}, strings.NewReader(string(result.Manifest())), lint.Options{DNSCapture: dnsCapture})
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range findings {
		if !slices.Contains(warnedOf, finding.ID) {
			t.Fatalf("%s: %s [%s]\n%s", finding.Position, finding.Message, finding.ID, result.Manifest())
		}
	}
}

// A planted fault is found, by its id and at its path, and what lint refuses the chart refuses.
func TestPlantedFaultsAreFound(t *testing.T) {
	chart := load(t)
	planted := map[string]int{}
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values, fault := valuesgen.Plant(random, valuesgen.Random(random, 1+random.IntN(6)))
		if fault.ID == "" {
			return
		}
		planted[fault.ID]++
		findings := lintValues(t, chart, values)
		if !found(findings, fault) {
			t.Errorf("%+v not found among %+v\n%s", fault, findings, text(t, values))
		}
		_, err := chart.Render(values, render.Options{})
		var refused *render.RefusedError
		if !errors.As(err, &refused) {
			t.Errorf("refused by lint, and the chart says %v\n%s", err, text(t, values))
		}
	})
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
