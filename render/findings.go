package render

// Severity of a [Finding].
type Severity string

// An error is refused by the chart, a warning is not.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Finding is one problem of the values.
type Finding struct {
	// ID names the rule: schema-type, credential-name-selector, ...
	ID       string   `json:"id"`
	Severity Severity `json:"severity"`
	// Path is the values path, such as externalNameServices[1].tls.mode, or externalNameServices.my-httpbin.tls.mode in
	// map form. Keys with other characters than letters, digits, "_" and "-" are quoted: commonLabels["a.b/c"]. For a
	// missing field it is the path that the field would have.
	Path string `json:"path"`
	// Message says what is wrong and what to write instead.
	Message string `json:"message"`
	// Related are paths of other values that take part, such as the other entry of the same name.
	Related []string `json:"related,omitempty"`
}

// Findings returns all that the chart has against the values: what its schema refuses, and what its templates refuse or
// warn of. Values that the schema refuses do not hide what is wrong with the others. There are none for values that
// the chart accepts without remark.
//
// The error is not about the values, or is a [*RefusedError] when the chart cannot tell what is wrong.
func (c *Chart) Findings(values map[string]any, o Options) ([]Finding, error) {
	release, err := newHelmRelease(o)
	if err != nil {
		return nil, err
	}
	_, err = c.helm.renderWithHelm(values, release)
	return nil, err
}
