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
	// Findings are all problems for which the values are refused, as [Chart.Findings] returns them, warnings left out. There
	// are none of a chart without findings of its own.
	Findings []Finding
	Err      error
}

func (e *RefusedError) Error() string { return e.Err.Error() }

// Unwrap returns Helm's error.
func (e *RefusedError) Unwrap() error { return e.Err }

// OptionError says that one of the [Options] cannot be.
type OptionError struct {
	Option string // the field of Options, such as Namespace
	Value  string
	Err    error // what is wrong, and what to write instead
}

func (e *OptionError) Error() string {
	words := map[string]string{"ReleaseName": "release name", "Namespace": "namespace", "KubeVersion": "kube version", "APIVersions": "API version"}
	return fmt.Sprintf("%s %q: %v", words[e.Option], e.Value, e.Err)
}

// Unwrap returns what is wrong.
func (e *OptionError) Unwrap() error { return e.Err }

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
