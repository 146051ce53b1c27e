package output_test

import (
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/output"
)

// The schema of SARIF 2.1.0 is part of the library.
func TestSARIFIsValid(t *testing.T) {
	for name, all := range map[string][]lint.Finding{"findings": findings, "clean": nil} {
		text := write(t, "sarif", all, output.Options{Version: "v1.2.3"})
		report, err := sarif.FromString(text, sarif.WithStrictValidation())
		if err != nil {
			t.Fatal(err)
		}
		if err := report.Validate(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
		if len(report.Runs) != 1 || len(report.Runs[0].Results) != len(all) {
			t.Fatalf("%s: %d results, want %d", name, len(report.Runs[0].Results), len(all))
		}
	}
}

func TestSARIFWithRulesOfAnotherChart(t *testing.T) {
	report, err := sarif.FromString(write(t, "sarif", []lint.Finding{{ID: "own-rule", Severity: lint.Error, Message: "no"}}, output.Options{}), sarif.WithStrictValidation())
	if err != nil {
		t.Fatal(err)
	}
	if err := report.Validate(); err != nil {
		t.Error(err)
	}
}

func TestSARIFSchemaRefuses(t *testing.T) {
	report, err := sarif.FromString(`{"version": "2.1.0", "runs": [{"results": []}]}`, sarif.WithStrictValidation())
	if err != nil {
		t.Fatal(err)
	}
	if report.Validate() == nil {
		t.Error("a run without a tool passes: the schema is not looked at")
	}
}
