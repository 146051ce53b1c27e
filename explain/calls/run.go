package calls

import (
	"context"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
)

// Check follows the calls of files among objects, and holds them against what is expected. The model is of the values whose
// entries shall have calls; nil for none. Options that say RegistryOnly do so for all calls.
func Check(ctx context.Context, files []*File, objects []explain.Object, o explain.Options, model *egress.Model) (*Report, error) {
	report := &Report{}
	for _, file := range files {
		for _, e := range file.Expectations {
			e.RegistryOnly = e.RegistryOnly || o.RegistryOnly
			report.Results = append(report.Results, Result{Expectation: e, File: file.Name})
		}
	}
	for _, registryOnly := range []bool{false, true} {
		if err := report.follow(ctx, objects, o, registryOnly); err != nil {
			return nil, err
		}
	}
	for i := range report.Results {
		r := &report.Results[i]
		r.Differences = r.Expect.Compare(r.Trace)
		if r.Passed() {
			continue
		}
		var err error
		if r.Ignored, err = r.Trace.Ignored(ctx); err != nil {
			return nil, err
		}
	}
	report.cover(objects, model)
	return report, nil
}

// follow follows those calls that are asked in one kind of mesh.
func (r *Report) follow(ctx context.Context, objects []explain.Object, o explain.Options, registryOnly bool) error {
	o.RegistryOnly = registryOnly
	var asked []*Result
	var calls []explain.Call
	for i := range r.Results {
		if r.Results[i].RegistryOnly == registryOnly {
			asked = append(asked, &r.Results[i])
			calls = append(calls, r.Results[i].Call)
		}
	}
	i := 0
	for trace, err := range explain.Traces(ctx, objects, o, calls) {
		if err != nil {
			return err
		}
		asked[i].Trace = trace
		i++
	}
	return nil
}

// cover finds the entries without a call.
func (r *Report) cover(objects []explain.Object, model *egress.Model) {
	if model == nil {
		return
	}
	places := map[string]explain.Place{}
	for _, o := range objects {
		if o.Origin != nil {
			place := o.Origin(explain.Aspect{})
			places[place.Path] = place
		}
	}
	entries := entriesOf(model)
	r.Entries = len(entries)
	for _, entry := range uncovered(entries, r.Results) {
		place, known := places[entry.path]
		if !known {
			place.Path = entry.path
		}
		r.Uncovered = append(r.Uncovered, place)
	}
}
