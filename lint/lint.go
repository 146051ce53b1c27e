package lint

import (
	"context"

	"github.com/istio-egress/istio-egress/internal/istiofields"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// Options choose what is reported. The zero value reports everything that concerns every user.
type Options struct {
	// ArgoCD says that Argo CD applies the chart, which leaves out EndpointSlices and Endpoints: they become errors.
	ArgoCD bool
	// DNSCapture says that the mesh's sidecars capture DNS, and give hosts of ServiceEntries addresses of their own.
	DNSCapture bool
	// Istio is the oldest version of Istio that the objects are for, such as 1.31 or 1.31.2. Empty, the oldest supported one.
	Istio string
	// Disable are ids of findings to leave out. What the chart refuses cannot be disabled.
	Disable []string
}

// Check tells what no linting can be done with: an id that cannot be disabled, a version of Istio that is not supported.
func (o Options) Check() error {
	if err := CheckDisable(o.Disable); err != nil {
		return err
	}
	_, err := istiofields.Minor(o.Istio)
	return err
}

// OldestIstio is the minor version of Istio that the objects are for, such as 1.30.
func (o Options) OldestIstio() string {
	minor, _ := istiofields.Minor(o.Istio) // Check tells of the error
	return minor
}

// Lacks tells whether the objects' version of Istio is older than a minor version.
func (o Options) Lacks(since string) bool { return istiofields.Before(o.OldestIstio(), since) }

// Release is a release of the chart to lint.
type Release struct {
	render.Options
	// Values are files and flags, with helm's meaning. Findings name their places.
	Values render.ValuesOptions
	// Map are values that have been read already; Values is not looked at then, and findings have no places.
	Map map[string]any
	// Key is where the values stand in files of a parent chart, such as payments; empty for files of this chart's own.
	Key position.Path
	// Label names the release in findings when several are linted; empty for a single one.
	Label string
}

// Values lints the values of one release that a program holds in memory.
func Values(chart *render.Chart, values map[string]any, options Options) ([]Finding, error) {
	if values == nil {
		values = map[string]any{}
	}
	return Releases(chart, []Release{{Map: values}}, options)
}

// Releases lints releases, each by itself and all against each other. Findings are sorted by place. The error is for
// linting that could not be done: a file that cannot be opened, a malformed flag, an unknown id to disable.
func Releases(chart *render.Chart, releases []Release, options Options) ([]Finding, error) {
	return ReleasesContext(context.Background(), chart, releases, options)
}

// ReleasesContext is Releases that ends when the context does, with the context's cause.
func ReleasesContext(ctx context.Context, chart *render.Chart, releases []Release, options Options) ([]Finding, error) {
	if err := options.Check(); err != nil {
		return nil, err
	}
	var findings []Finding
	loaded := make([]*loadedRelease, len(releases))
	for i, release := range releases {
		var found []Finding
		var err error
		if loaded[i], found, err = lintRelease(ctx, chart, release, options); err != nil {
			return nil, err
		}
		findings = append(findings, found...)
	}
	findings = append(findings, across(loaded)...)
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	findings = Disable(ignore(findings, loaded), options.Disable)
	Sort(findings)
	return findings, nil
}

// lintRelease finds what is wrong with one release by itself.
func lintRelease(ctx context.Context, chart *render.Chart, release Release, options Options) (*loadedRelease, []Finding, error) {
	loaded, findings, err := load(ctx, chart, release)
	if err != nil || loaded.values == nil {
		return loaded, findings, err
	}
	found := append(loaded.chartFindings(options), runChecks(loaded, options)...)
	for i := range found {
		loaded.locate(&found[i])
	}
	found = append(found, loaded.replacedLists()...)
	found = append(found, loaded.nullEntries()...)
	return loaded, append(findings, found...), nil
}

// chartFindings are the chart's own, but for those that the version of Istio settles.
func (r *loadedRelease) chartFindings(options Options) []Finding {
	findings := make([]Finding, 0, len(r.chart))
	for _, chartFinding := range r.chart {
		if chartFinding.Since != "" && !options.Lacks(chartFinding.Since) {
			continue
		}
		finding := Finding{ID: chartFinding.ID, Severity: chartFinding.Severity, Message: chartFinding.Message, Suggestion: chartFinding.Suggestion, path: at(chartFinding.Path), about: chartFinding.About}
		if chartFinding.ID == render.FindingType {
			text := r.place(finding.path).Unquoted
			finding.Message, finding.Suggestion = chartFinding.MessageFor(text), chartFinding.SuggestionFor(text)
		}
		for _, related := range chartFinding.Related {
			finding.Related = append(finding.Related, Related{Path: related})
		}
		findings = append(findings, finding)
	}
	return findings
}
