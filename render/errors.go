package render

import "fmt"

// Step is the part of rendering that refused the values.
type Step string

// The steps, in the order in which they run.
const (
	StepSchema    Step = "schema"    // values.schema.json
	StepTemplates Step = "templates" // the templates, where the chart refuses with fail
	StepManifests Step = "manifests" // a rendered document that is not YAML
)

// RefusedError says that the chart does not accept the values. Its text is Helm's own.
type RefusedError struct {
	Step Step
	Err  error
}

func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns Helm's error.
func (e *RefusedError) Unwrap() error { return e.Err }

// DecodeError says that a rendered document is not an object of its kind: a field that the kind does not have, or a
// value of the wrong type.
type DecodeError struct {
	Document Document
	Err      error
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("%s: %s: %v", e.Document.Template, e.Document.ID(), e.Err)
}

// Unwrap returns the decoder's error.
func (e *DecodeError) Unwrap() error { return e.Err }
