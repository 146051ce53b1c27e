package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/istio-egress/istio-egress/render"
)

// refusalError is what the chart's schema refused, in Helm's words and in sentences that say what to write instead. Helm stops
// at the schema; the sentences are of all that is wrong.
type refusalError struct {
	*render.RefusedError
	findings []render.Finding
}

func (r *refusalError) Error() string {
	var text strings.Builder
	text.WriteString(strings.TrimSpace(r.RefusedError.Error()))
	text.WriteString("\n\nAll problems, and what to write instead:\n")
	for _, f := range r.findings {
		fmt.Fprintf(&text, "- %s: %s [%s]\n", f.Path, f.Message, f.ID)
	}
	return text.String()
}

func (r *refusalError) Unwrap() error { return r.RefusedError }

// explainRefusal adds sentences to a refusal by the schema. The templates refuse with sentences of their own.
func explainRefusal(err error, chart *render.Chart, values map[string]any, release render.Options) error {
	var refused *render.RefusedError
	if !errors.As(err, &refused) || refused.Step != render.StepSchema {
		return err
	}
	all, findingsErr := chart.Findings(values, release)
	if findingsErr != nil {
		return err
	}
	var findings []render.Finding
	for _, f := range all {
		if f.Severity == render.SeverityError {
			findings = append(findings, f)
		}
	}
	if len(findings) == 0 {
		return err
	}
	return &refusalError{RefusedError: refused, findings: findings}
}
