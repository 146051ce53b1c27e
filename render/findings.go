package render

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/position"
)

// Severity of a [Finding].
type Severity string

// An error is refused by the chart, a warning is not.
const (
	SeverityError   Severity = "error"
	SeverityWarning Severity = "warning"
)

// About tells what a [Finding] is about.
type About string

// A finding is about a value that is wrong, or about a field that should not be there, whatever its value.
const (
	AboutValue About = ""
	AboutKey   About = "key"
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
	// About is what is wrong there: the value, or the key.
	About About `json:"about,omitempty"`
	// Schema tells that values.schema.json refuses it too, so that it shows only where the schema is skipped.
	Schema bool `json:"schema,omitempty"`
	// Suggestion is the value that the message offers, nil for messages that offer none.
	Suggestion *Suggestion `json:"suggestion,omitempty"`
	// Since is the minor version of Istio, such as 1.31, from which on nothing is wrong; empty for what all versions have.
	Since string `json:"since,omitempty"`
	// Misses are the names of fields, any of which would have answered.
	Misses []string `json:"misses,omitempty"`

	unquoted *unquoted // see MessageFor
}

// Suggestion is a value that puts a finding right.
type Suggestion struct {
	// Path is where the value belongs, which may be another path than the finding's.
	Path string `json:"path"`
	// Value is what to write there; nil to remove what is there.
	Value any `json:"value"`
}

// findingsTemplate prints a chart's findings as a JSON array, and leaves its model in the root context.
const findingsTemplate = "istio-egress.findings"

// Findings returns all that the chart has against the values: what its schema refuses, and what its templates refuse or
// warn of. Values that the schema refuses do not hide what is wrong with the others. There are none for values that
// the chart accepts without remark.
//
// The error is not about the values, or is a [*RefusedError] when the chart cannot tell what is wrong: a chart without
// findings of its own, or one that fails where it should report.
func (c *Chart) Findings(values map[string]any, o Options) ([]Finding, error) {
	return c.FindingsContext(context.Background(), values, o)
}

// FindingsContext is Findings that ends when the context does, with the context's cause.
func (c *Chart) FindingsContext(ctx context.Context, values map[string]any, o Options) ([]Finding, error) {
	_, findings, err := c.DeclareContext(ctx, values, o)
	return findings, err
}

// Declare returns what the values declare, as the chart understands them, and what [Chart.Findings] returns. The model of
// values that the chart refuses is of what is left of them: fields that the schema refuses are as if they were not set. It
// is nil for a chart without a model of its own.
func (c *Chart) Declare(values map[string]any, o Options) (*egress.Model, []Finding, error) {
	return c.DeclareContext(context.Background(), values, o)
}

// DeclareContext is Declare that ends when the context does, with the context's cause.
func (c *Chart) DeclareContext(ctx context.Context, values map[string]any, o Options) (*egress.Model, []Finding, error) {
	release, err := newHelmRelease(o)
	if err != nil {
		return nil, nil, err
	}
	if err := c.helm.checkKubeVersion(release); err != nil {
		return nil, nil, err
	}
	if values, err = withYAMLTypes(values); err != nil {
		return nil, nil, err
	}
	if c.prepared == nil {
		_, err := c.helm.renderWithHelm(values, release)
		return nil, nil, err
	}
	return c.prepared.declare(ctx, values, release)
}

func (p *prepared) declare(ctx context.Context, values map[string]any, release helmRelease) (*egress.Model, []Finding, error) {
	coalesced, _ := coalesce(values, p.helm.defaults())
	unlessRefused, refuse := context.WithCancel(ctx) // what the schema refuses, the templates are asked again without
	defer refuse()
	valid := p.startValidation(coalesced, release, refuse)
	model, chartFindings, err := p.askTemplates(unlessRefused, coalesced, release)
	problems, schemaErr := p.schemaProblems(<-valid, coalesced)
	if schemaErr != nil {
		return nil, nil, schemaErr
	}
	if len(problems) > 0 {
		model, chartFindings, err = p.askBlanked(ctx, coalesced, problems, release)
	}
	found := schemaFindings(problems)
	if cause := context.Cause(ctx); cause != nil {
		return nil, nil, cause
	}
	if err != nil && len(found) == 0 {
		_, helmErr := p.helm.renderWithHelm(values, release)
		return nil, nil, helmErr
	}
	return model, append(found, withoutEchoes(chartFindings, problems)...), nil
}

// withoutEchoes drops what the chart says twice, and what it misses because it was blanked.
func withoutEchoes(chartFindings []Finding, problems []schemaProblem) []Finding {
	seen := map[string]bool{}
	values := newUnseenValues(problems)
	var findings []Finding
	for _, f := range chartFindings {
		key := f.ID + " " + f.Path + " " + f.Message
		if schemaToo := f.Schema && len(problems) > 0; !seen[key] && !schemaToo && !values.echoedBy(f) {
			findings = append(findings, f)
		}
		seen[key] = true
	}
	return findings
}

// unseenValues are those that the chart did not see.
type unseenValues struct {
	paths  map[string]bool
	fields map[string]map[string]bool // by the path of the entry: the fields on the way to them
}

func newUnseenValues(problems []schemaProblem) unseenValues {
	values := unseenValues{map[string]bool{}, map[string]map[string]bool{}}
	for _, p := range problems {
		at := p.unseen()
		if at == nil {
			continue
		}
		values.paths[at.String()] = true
		entry := at[:min(2, len(at)-1)].String() // of egressGateway.name, egressGateway; of dataPlane, the values as a whole
		if values.fields[entry] == nil {
			values.fields[entry] = map[string]bool{}
		}
		for _, step := range at {
			if !step.List {
				values.fields[entry][step.Key] = true
			}
		}
	}
	return values
}

// echoedBy tells whether the finding is of such a value, or misses one in the same entry or at the top level.
func (u unseenValues) echoedBy(f Finding) bool {
	if u.paths[f.Path] || u.printedBy(f) {
		return true
	}
	if len(f.Misses) == 0 {
		return false
	}
	for end := range len(f.Path) + 1 {
		if 0 < end && end < len(f.Path) && f.Path[end] != '.' && f.Path[end] != '[' { // web is not in we
			continue
		}
		fields := u.fields[f.Path[:end]]
		if slices.ContainsFunc(f.Misses, func(field string) bool { return fields[field] }) {
			return true
		}
	}
	return false
}

// printedBy tells whether a message about a list prints an item that was blanked, as templates print null.
func (u unseenValues) printedBy(f Finding) bool {
	if !strings.Contains(f.Message, `"<nil>"`) {
		return false
	}
	for path := range u.paths {
		if strings.HasPrefix(path, f.Path+"[") {
			return true
		}
	}
	return false
}

// schemaProblems are those that the schema's answer tells of.
func (p *prepared) schemaProblems(err error, values map[string]any) ([]schemaProblem, error) {
	var invalid *jsonschema.ValidationError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &invalid):
		return p.explainer.problems(invalid, values), nil
	default:
		return nil, &RefusedError{Step: StepSchema, Err: err}
	}
}

// askBlanked asks the chart's templates without what the schema refuses: first without the single values, and where that
// does not help without the entries that they are part of.
func (p *prepared) askBlanked(ctx context.Context, values map[string]any, problems []schemaProblem, release helmRelease) (*egress.Model, []Finding, error) {
	values = copyValues(values)
	blankValues(values, problems)
	model, found, err := p.askTemplates(ctx, values, release)
	if err != nil {
		blankEntries(values, problems)
		model, found, err = p.askTemplates(ctx, values, release)
	}
	return model, found, err
}

func (p *prepared) askTemplates(ctx context.Context, values map[string]any, release helmRelease) (model *egress.Model, found []Finding, err error) {
	text, root, err := p.engine.print(ctx, findingsTemplate, values, release)
	if err != nil {
		return nil, nil, err
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		return nil, nil, fmt.Errorf("%s does not print a JSON array of findings: %w", findingsTemplate, err)
	}
	model, err = readModel(root)
	if slices.ContainsFunc(found, func(f Finding) bool { return f.Severity == SeverityError }) {
		err = nil
	}
	return model, found, err
}

// blankValues blanks the values that the schema refuses, and takes out the fields that it does not know.
func blankValues(values map[string]any, problems []schemaProblem) {
	for _, p := range problems {
		if p.id == FindingUnknownField {
			last := len(p.at) - 1
			if parent, ok := position.Lookup(values, p.at[:last]).(map[string]any); ok {
				delete(parent, p.at[last].Key)
			}
		}
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
