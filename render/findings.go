package render

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/istio-egress/istio-egress/position"
)

// Severity of a [Finding].
type Severity string

// An error is refused by the chart, a warning is not.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// Finding is one problem of the values.
type Finding struct {
	// ID names the rule: one of the schema's, such as [FindingType], or one of the chart's, such as
	// credential-name-selector.
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

	unquoted *unquoted // see MessageFor
}

// findingsTemplate prints a chart's findings as a JSON array.
const findingsTemplate = "istio-egress.findings"

// Findings returns all that the chart has against the values: what its schema refuses, and what its templates refuse or
// warn of. Values that the schema refuses do not hide what is wrong with the others. There are none for values that
// the chart accepts without remark.
//
// The error is not about the values, or is a [*RefusedError] when the chart cannot tell what is wrong: a chart without
// findings of its own, or one that fails where it should report.
func (c *Chart) Findings(values map[string]any, o Options) ([]Finding, error) {
	release, err := newHelmRelease(o)
	if err != nil {
		return nil, err
	}
	if err := c.helm.checkKubeVersion(release); err != nil {
		return nil, err
	}
	if values, err = plainValues(values); err != nil {
		return nil, err
	}
	if c.fast == nil {
		_, err := c.helm.renderWithHelm(values, release)
		return nil, err
	}
	return c.fast.findings(values, release)
}

func (f *fastPath) findings(values map[string]any, release helmRelease) ([]Finding, error) {
	coalesced, _ := coalesce(values, f.helm.defaults())
	problems, err := f.schemaProblems(coalesced)
	if err != nil {
		return nil, err
	}
	found := schemaFindings(problems)
	own, err := f.chartFindings(coalesced, problems, release)
	if err != nil && len(found) == 0 {
		_, helmErr := f.helm.renderWithHelm(values, release)
		return nil, helmErr
	}
	return append(found, withoutEchoes(own, problems)...), nil
}

// absences are the chart's findings that miss a value, with the fields that they miss. A field that was blanked is not
// missing: its value is told of already. Nor does the chart miss once more what the schema misses.
var absences = map[string][]string{
	"tls-missing":                {"tls", "mode"},
	"server-name-missing":        {"serverName", "sni", "externalName"},
	"client-certificate-missing": {"clientCertificate", "privateKey", "credentialName"},
	"credential-name-selector":   {"workloadSelector"},
	"rewrite-host-name":          {"serverName", "sni"},
	"tcp-without-addresses":      {"addresses"},
}

// withoutEchoes drops what the chart says twice, and what it misses because it was blanked.
func withoutEchoes(own []Finding, problems []schemaProblem) []Finding {
	seen := map[string]bool{}
	var kept []Finding
	for _, f := range own {
		key := f.ID + " " + f.Path + " " + f.Message
		if !seen[key] && !slices.ContainsFunc(problems, func(p schemaProblem) bool { return p.unseen() && echoes(f, p.at) }) {
			kept = append(kept, f)
		}
		seen[key] = true
	}
	return kept
}

// echoes tells whether the finding is of the value that the chart did not see, or misses it in the same entry.
func echoes(f Finding, unseen position.Path) bool {
	if f.Path == unseen.String() {
		return true
	}
	fields := absences[f.ID]
	entry := unseen[:min(2, len(unseen))].String()
	rest, inEntry := strings.CutPrefix(f.Path, entry)
	inEntry = inEntry && (rest == "" || rest[0] == '.' || rest[0] == '[') // web is not in we
	return inEntry && slices.ContainsFunc(unseen, func(step position.Segment) bool {
		return !step.List && slices.Contains(fields, step.Key)
	})
}

func (f *fastPath) schemaProblems(values map[string]any) ([]schemaProblem, error) {
	if f.schema == nil {
		return nil, nil
	}
	err := validate(f.schema, values)
	var invalid *jsonschema.ValidationError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &invalid):
		return f.explainer.problems(invalid, values), nil
	default:
		return nil, &RefusedError{StepSchema, err}
	}
}

// chartFindings asks the chart's templates. What the schema refuses is blanked before, first the single values, and
// where that does not help the entries that they are part of.
func (f *fastPath) chartFindings(values map[string]any, problems []schemaProblem, release helmRelease) ([]Finding, error) {
	if len(problems) == 0 {
		return f.askFindings(values, release)
	}
	values, ok := copyValues(values)
	if !ok {
		return nil, errLeaveToHelm
	}
	blankValues(values, problems)
	found, err := f.askFindings(values, release)
	if err != nil {
		blankEntries(values, problems)
		found, err = f.askFindings(values, release)
	}
	return found, err
}

func (f *fastPath) askFindings(values map[string]any, release helmRelease) ([]Finding, error) {
	text, err := f.executeOne(findingsTemplate, values, release)
	if err != nil {
		return nil, err
	}
	var found []Finding
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		return nil, fmt.Errorf("%s does not print a JSON array of findings: %w", findingsTemplate, err)
	}
	return found, nil
}

// blankValues blanks the values that the schema refuses.
func blankValues(values map[string]any, problems []schemaProblem) {
	for _, p := range problems {
		if p.blank {
			blank(values, p.at)
		}
	}
}

// blankEntries blanks the entries that have any problem: externalNameServices[1] for externalNameServices[1].tls.mode.
func blankEntries(values map[string]any, problems []schemaProblem) {
	const entryDepth = 2
	for _, p := range problems {
		blank(values, p.at[:min(len(p.at), entryDepth)])
	}
}

// blank sets the value at the path to null. List items keep their numbers.
func blank(values map[string]any, at position.Path) {
	last := len(at) - 1
	if last < 0 || position.Lookup(values, at) == nil {
		return
	}
	switch parent := position.Lookup(values, at[:last]).(type) {
	case map[string]any:
		parent[at[last].Key] = nil
	case []any:
		parent[at[last].Index] = nil
	}
}
