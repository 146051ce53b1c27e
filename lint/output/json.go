package output

import (
	"encoding/json"
	"io"

	"github.com/istio-egress/istio-egress/lint"
)

// report is the JSON document. Fields are added, never renamed.
type report struct {
	Errors   int            `json:"errors"`
	Warnings int            `json:"warnings"`
	Findings []lint.Finding `json:"findings"` // never null
}

func writeJSON(w io.Writer, findings []lint.Finding, _ Options) error {
	all := report{Findings: findings}
	all.Errors, all.Warnings = lint.Count(findings)
	if all.Findings == nil {
		all.Findings = []lint.Finding{}
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(all)
}
