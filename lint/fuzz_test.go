package lint_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/catalogue"
	"github.com/istio-egress/istio-egress/lint/manifests"
	"github.com/istio-egress/istio-egress/render"
)

const fuzzLimit = 64 << 10 // bytes of an input: larger ones find nothing that small ones do not

// FuzzValues lints and renders any bytes: neither panics, and they agree. Findings have places in the file.
func FuzzValues(f *testing.F) {
	addSeeds(f)
	chart := load(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > fuzzLimit {
			return
		}
		findings, err := lint.Releases(chart, []lint.Release{{Values: render.ValuesOptions{
			Files: []string{"-"}, Stdin: bytes.NewReader(data),
		}}}, lint.Options{ArgoCD: len(data)%2 == 0})
		if err != nil {
			t.Fatalf("lint: %v", err)
		}
		checkPlaces(t, findings, data)
		checkAgreement(t, chart, findings, data)
	})
}

func addSeeds(f *testing.F) {
	f.Helper()
	for _, id := range catalogue.IDs() {
		entry, err := catalogue.Find(id)
		if err != nil {
			f.Fatal(err)
		}
		for _, example := range slices.Concat(entry.Fails, entry.Repair) {
			f.Add([]byte(example.Text))
		}
	}
	files, err := filepath.Glob("../examples/*/values.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("no examples: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(planted))
	f.Add([]byte(quiet))
}

func checkPlaces(t *testing.T, findings []lint.Finding, data []byte) {
	t.Helper()
	lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + strings.Count(string(data), "\u2028") +
		strings.Count(string(data), "\u2029") + strings.Count(string(data), "\u0085") + 1
	for _, finding := range findings {
		if finding.Position.Line < 1 || finding.Position.Line > lines || finding.Position.Column < 1 {
			t.Errorf("%s: %s is not in the file of %d lines", finding.ID, finding.Position, lines)
		}
		if _, err := catalogue.Find(finding.ID); err != nil || finding.Message == "" {
			t.Errorf("%+v: %v", finding, err)
		}
	}
}

// checkAgreement holds lint against the chart: values without errors render, and those that the chart refuses have one.
func checkAgreement(t *testing.T, chart *render.Chart, findings []lint.Finding, data []byte) {
	t.Helper()
	errors, unread := false, false
	for _, finding := range findings {
		errors = errors || finding.Severity == lint.Error && finding.ID != "argocd-endpoints"
		unread = unread || strings.HasPrefix(finding.ID, "yaml-")
	}
	if unread { // Helm may read what the linter does not take, such as a key given twice
		return
	}
	values, err := render.ParseValues(data)
	if err != nil {
		t.Fatalf("read by the linter, and not by Helm: %v", err)
	}
	result, err := chart.Render(values, render.Options{})
	switch {
	case errors && err == nil:
		t.Errorf("refused by lint, and rendered: %v", findings)
	case !errors && err != nil:
		t.Errorf("accepted by lint, and refused: %v", err)
	case err == nil:
		if _, err := result.Objects(); err != nil {
			t.Errorf("accepted by lint, and does not decode: %v", err)
		}
	}
}

// FuzzManifests lints any bytes as manifests.
func FuzzManifests(f *testing.F) {
	addSeeds(f)
	for _, pattern := range []string{"../examples/*/rendered.yaml", "manifests/testdata/*/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > fuzzLimit {
			return
		}
		findings, _, err := manifests.Lint([]string{"-"}, bytes.NewReader(data), lint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		checkPlaces(t, findings, data)
	})
}
