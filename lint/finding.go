package lint

import (
	"cmp"
	"slices"

	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// Severity of a finding: an error is refused by the chart, or would break what the values ask for; a warning is not.
type Severity = render.Severity

// The severities.
const (
	Error   = render.SeverityError
	Warning = render.SeverityWarning
)

// Finding is one problem.
type Finding struct {
	ID       string   `json:"id"` // documented in the catalogue
	Severity Severity `json:"severity"`
	// Release is the release that has the problem, "name" or "namespace/name"; empty when only one is linted.
	Release string `json:"release,omitempty"`
	// Path is the values path, such as externalNameServices[1].tls.mode; in manifests it is the field's path.
	Path string `json:"path,omitempty"`
	// Object is the object of a manifest, such as "DestinationRule default/httpbin".
	Object string `json:"object,omitempty"`
	// Document counts the documents of a manifest file from 1.
	Document int               `json:"document,omitempty"`
	Message  string            `json:"message"` // what is wrong and what to write instead
	Position position.Position `json:"position"`
	Related  []Related         `json:"related,omitempty"`
	// Suggestion is the value that the message offers.
	Suggestion *render.Suggestion `json:"suggestion,omitempty"`
	// Replacement is the values entry that would replace the objects of a manifest, as YAML.
	Replacement string `json:"replacement,omitempty"`

	path  position.Path // Path, read
	about render.About
}

// Related is another place that takes part in a problem.
type Related struct {
	Path     string            `json:"path,omitempty"`
	Release  string            `json:"release,omitempty"`
	Object   string            `json:"object,omitempty"`
	Message  string            `json:"message,omitempty"`
	Position position.Position `json:"position"`
}

// Sort orders findings by file, line and column, then by id and path.
func Sort(findings []Finding) {
	slices.SortStableFunc(findings, func(a, b Finding) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Release, b.Release), cmp.Compare(a.Path, b.Path), cmp.Compare(a.ID, b.ID))
	})
}

// Count returns how many findings are errors and how many are warnings.
func Count(findings []Finding) (errors, warnings int) {
	for _, finding := range findings {
		if finding.Severity == Error {
			errors++
		} else {
			warnings++
		}
	}
	return errors, warnings
}
