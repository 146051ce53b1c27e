package render

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"

	"github.com/istio-egress/istio-egress/position"
)

// The ids of what a chart's schema refuses.
const (
	FindingUnknownField = "schema-unknown-field" // a field that is not there
	FindingType         = "schema-type"          // a string where a number belongs, ...
	FindingEnum         = "schema-enum"          // none of the words that are allowed
	FindingPattern      = "schema-pattern"       // a string that does not have the right form
	FindingRequired     = "schema-required"      // a field is missing
	FindingRange        = "schema-range"         // too small, too large, too short, too long, too few, too many
	FindingConflict     = "schema-conflict"      // fields that exclude each other, values given twice, ...
)

// schemaProblem is one value that the schema refuses.
type schemaProblem struct {
	id      string
	at      position.Path // the value, or the field that is missing or unknown
	message string
	related []position.Path
	blank   bool // the value is of no use to the chart's own checks
	about   About

	unquoted *unquoted // nil for values that quotes would not make right
}

// unseen is true when the chart's own checks find no value here.
func (p schemaProblem) unseen() bool { return p.blank || p.id == FindingRequired }

// explainer turns the validator's errors into problems. The sentences are its own: they do not depend on the
// validator's wording.
type explainer struct {
	doc schemaDoc
}

// problems lists what is wrong, one problem per value, in the order of the paths.
func (e explainer) problems(err *jsonschema.ValidationError, values map[string]any) []schemaProblem {
	var all []schemaProblem
	e.collect(err, values, &all)
	slices.SortStableFunc(all, func(a, b schemaProblem) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return slices.Index(byWeight, a.id) - slices.Index(byWeight, b.id)
	})
	return slices.CompactFunc(all, func(a, b schemaProblem) bool { return a.at.Compare(b.at) == 0 })
}

// byWeight orders the ids for values with several problems: the first says most.
var byWeight = []string{
	FindingRequired, FindingType, FindingEnum, FindingConflict, FindingRange, FindingPattern, FindingUnknownField,
}

// collect walks down to the errors of single values.
func (e explainer) collect(err *jsonschema.ValidationError, values map[string]any, all *[]schemaProblem) {
	switch err.ErrorKind.(type) {
	case *kind.AnyOf, *kind.OneOf:
		if branch := likelyBranch(err); branch != nil {
			e.collect(branch, values, all)
			return
		}
	case *kind.PropertyNames, *kind.Contains, *kind.MinContains, *kind.Not:
	default:
		if len(err.Causes) > 0 {
			for _, cause := range err.Causes {
				e.collect(cause, values, all)
			}
			return
		}
	}
	*all = append(*all, e.explain(err, position.Pointer(values, err.InstanceLocation), values)...)
}

// likelyBranch picks the alternative that the values were meant to be: the only one whose type is right.
func likelyBranch(alternatives *jsonschema.ValidationError) *jsonschema.ValidationError {
	likely := slices.DeleteFunc(slices.Clone(alternatives.Causes), func(branch *jsonschema.ValidationError) bool {
		return wrongType(branch, len(alternatives.InstanceLocation))
	})
	if len(likely) != 1 {
		return nil
	}
	return likely[0]
}

// wrongType is true when the value itself, not a part of it, has the wrong type.
func wrongType(err *jsonschema.ValidationError, depth int) bool {
	if _, ok := err.ErrorKind.(*kind.Type); ok && len(err.InstanceLocation) == depth {
		return true
	}
	return slices.ContainsFunc(err.Causes, func(cause *jsonschema.ValidationError) bool { return wrongType(cause, depth) })
}

func schemaFindings(problems []schemaProblem) []Finding {
	found := make([]Finding, 0, len(problems))
	for _, p := range problems {
		f := Finding{ID: p.id, Severity: SeverityError, Path: p.at.String(), Message: p.message, About: p.about, unquoted: p.unquoted}
		for _, related := range p.related {
			f.Related = append(f.Related, related.String())
		}
		found = append(found, f)
	}
	return found
}
