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
	FindingSecret       = "schema-secret"        // a key or certificate itself
	FindingManifest     = "schema-manifest"      // a Kubernetes object in place of values
	FindingParent       = "schema-parent"        // values of a parent chart
)

// schemaProblem is one value that the schema refuses.
type schemaProblem struct {
	id      string
	at      position.Path // the value, or the field that is missing or unknown
	message string
	related []position.Path
	blank   bool // the value is of no use to the chart's own checks
	about   About
	meant   position.Path // the field that an unknown one was meant to be
	silent  bool          // another problem says it

	suggestion *Suggestion
	unquoted   *unquoted // nil for values that quotes would not make right
}

// unseen is the path of the value that the chart's own checks do not find; nil where they find what there is.
func (p schemaProblem) unseen() position.Path {
	switch {
	case p.meant != nil:
		return p.meant
	case p.blank, p.id == FindingRequired:
		return p.at
	}
	return nil
}

// explainer turns the validator's errors into problems. The sentences are its own: they do not depend on the
// validator's wording.
type explainer struct {
	doc        schemaDoc
	subschemas *subschemas
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
	all = slices.CompactFunc(all, func(a, b schemaProblem) bool { return a.at.Compare(b.at) == 0 })
	for _, unknown := range all {
		for i := range all {
			all[i].silent = all[i].silent || len(unknown.meant) > 0 && all[i].id == FindingRequired && unknown.meant.Within(all[i].at)
		}
	}
	return e.withoutKeys(all, values)
}

// byWeight orders the ids for values with several problems: the first says most.
var byWeight = []string{
	FindingSecret, FindingRequired, FindingType, FindingEnum, FindingConflict, FindingRange, FindingPattern, FindingUnknownField,
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
		if p.silent {
			continue
		}
		f := Finding{ID: p.id, Severity: SeverityError, Path: p.at.String(), Message: p.message, About: p.about, Suggestion: p.suggestion, unquoted: p.unquoted}
		for _, related := range p.related {
			f.Related = append(f.Related, related.String())
		}
		found = append(found, f)
	}
	return found
}
