package report_test

import (
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/report"
)

// The gateway follows a rule for all who call through it: what counts is whether the gateway sees it.
func TestRulesOfGateways(t *testing.T) {
	values, err := render.ReadValues(render.ValuesOptions{Files: []string{"../examples/gateway-allow-from/values.yaml"}})
	if err != nil {
		t.Fatal(err)
	}
	result, err := loadChart(t).Render(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	rendered := string(result.Manifest())
	for exportTo, want := range map[string]egress.Grade{`["istio-system"]`: egress.Mutual, `["*"]`: egress.Mutual, `["shop"]`: egress.Plaintext} {
		manifests := changedRule(t, rendered, "payments.shop.egress.internal", `["istio-system"]`, exportTo)
		declaration, err := report.Manifests([]string{"-"}, strings.NewReader(manifests))
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range report.Rows(declaration) {
			if row.Destination == "payments.example.com" && row.Grade != want {
				t.Errorf("a rule for %s: %s, want %s", exportTo, row.Grade, want)
			}
		}
	}
}

// changedRule replaces a text in the DestinationRule of a host.
func changedRule(t *testing.T, manifests, host, old, replacement string) string {
	t.Helper()
	documents := strings.Split(manifests, "\n---\n")
	for i, document := range documents {
		if strings.Contains(document, "kind: DestinationRule") && strings.Contains(document, host) {
			documents[i] = strings.Replace(document, old, replacement, 1)
			return strings.Join(documents, "\n---\n")
		}
	}
	t.Fatalf("no DestinationRule of %s in\n%s", host, manifests)
	return ""
}
