package lint

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// loadedRelease is a release with its values read, and what the chart says of them.
type loadedRelease struct {
	Release
	sources []source
	layers  *position.Layers
	values  map[string]any // nil when they could not be read
	render  func(map[string]any, render.Options) (*render.Result, error)
	chart   []render.Finding
	model   *egress.Model // empty when there is none
}

// source is a values file.
type source struct {
	name string // as findings show it
	data []byte
	file *position.File // nil when it is not YAML
	text []string       // lines, once they have been asked for
}

func (s *source) lines() []string {
	if s.text == nil {
		s.text = strings.Split(string(s.data), "\n")
	}
	return s.text
}

const idEmpty = "yaml-empty"

// load reads a release's values and asks the chart about them. Findings are of files that are not right as YAML.
func load(ctx context.Context, chart *render.Chart, release Release) (*loadedRelease, []Finding, error) {
	loaded := &loadedRelease{Release: release, layers: position.Merge(nil, nil), render: chart.Render, model: &egress.Model{}}
	if release.Map != nil {
		answer := ask(ctx, chart, release.Map, release.Options)
		loaded.take(answer)
		return loaded, nil, answer.err
	}
	if err := loaded.readSources(); err != nil {
		return nil, nil, err
	}
	faults, answer := loaded.parse(ctx, chart)
	findings := loaded.faultFindings(faults)
	switch {
	case answer.err == nil:
		loaded.take(answer)
	case len(findings) > 0: // they say the same, with a place
	default:
		finding, err := loaded.readFinding(answer.err)
		if err != nil {
			return nil, nil, err
		}
		findings = append(findings, finding)
	}
	return loaded, append(findings, loaded.octals()...), nil
}

// octals are numbers of the files that are hardly what was meant, and valid.
func (r *loadedRelease) octals() []Finding {
	var faults []position.Fault
	for _, s := range r.sources {
		if s.file != nil {
			faults = append(faults, s.file.Octals()...)
		}
	}
	findings := r.faultFindings(faults)
	for i := range findings {
		findings[i].Severity = Warning
	}
	return findings
}

func (r *loadedRelease) readSources() error {
	stdin := inputfile.Once(r.Values.Stdin)
	for _, name := range r.Values.Files {
		data, err := inputfile.Read(name, stdin, position.MaxBytes) // the parser says what is too large
		if err != nil {
			return err
		}
		s := source{name: inputfile.Name(name), data: data}
		if inputfile.IsStdin(name) {
			r.Values.Stdin = bytes.NewReader(data) // for Helm to read it too
		}
		r.sources = append(r.sources, s)
	}
	return nil
}

// answer is what Helm and the chart make of the values.
type answer struct {
	values   map[string]any
	model    *egress.Model
	findings []render.Finding
	err      error
}

func ask(ctx context.Context, chart *render.Chart, values map[string]any, options render.Options) answer {
	model, findings, err := chart.DeclareContext(ctx, values, options)
	return answer{values, model, findings, err}
}

func (r *loadedRelease) take(a answer) {
	r.values, r.chart = a.values, a.findings
	if a.model != nil {
		r.model = a.model
	}
}

// parse reads the files for their places, and has Helm and the chart read them: one after the other, as both at once would
// need the memory of both. Where there are aliases or very many values, Helm must not see them before they are known to
// be harmless.
func (r *loadedRelease) parse(ctx context.Context, chart *render.Chart) ([]position.Fault, answer) {
	if r.suspicious() {
		faults, harmless := r.parseSources()
		if !harmless {
			return faults, answer{err: errNotRead}
		}
		return faults, r.ask(ctx, chart)
	}
	found := r.ask(ctx, chart)
	faults, harmless := r.parseSources()
	if !harmless { // Helm lets pass what stands after the first document, and nothing there has a place
		found = answer{err: errNotRead}
	}
	return faults, found
}

var errNotRead = errors.New("the values were not read")

func (r *loadedRelease) ask(ctx context.Context, chart *render.Chart) answer {
	options := r.Values
	options.KeysTwice = true // the linter has a finding of its own, and looks at the rest too
	values, err := render.ReadValues(options)
	if err == nil {
		values, err = valuesBelow(values, r.Key)
	}
	if err != nil {
		return answer{err: err}
	}
	return ask(ctx, chart, values, r.Options)
}

// valuesBelow returns the values that a parent chart has for this one.
func valuesBelow(values map[string]any, key position.Path) (map[string]any, error) {
	if len(key) == 0 {
		return values, nil
	}
	below, ok := position.Lookup(values, key).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("no values under %s: write the name under which the parent chart has its dependency; the file has %s",
			key, words.List(slices.Sorted(maps.Keys(values)), "and"))
	}
	return below, nil
}

const manyValues = 300_000 // lines and commas; 10,000 entries have about 100,000

func (r *loadedRelease) suspicious() bool {
	for _, s := range r.sources {
		if len(s.data) > position.MaxBytes || bytes.IndexByte(s.data, '&') >= 0 ||
			bytes.Count(s.data, []byte(","))+bytes.Count(s.data, []byte("\n")) > manyValues {
			return true
		}
	}
	return false
}

// parseSources reads the places. Files that are not harmless must not be given to Helm.
func (r *loadedRelease) parseSources() (faults []position.Fault, harmless bool) {
	harmless = true
	files := make([]*position.File, len(r.sources))
	for i := range r.sources {
		file, found := position.Parse(r.sources[i].name, r.sources[i].data)
		for _, fault := range found {
			if fault.ID == position.FaultTooLarge {
				harmless = false
			}
		}
		harmless = harmless && file != nil
		faults = append(faults, found...)
		r.sources[i].file, files[i] = file, file
	}
	r.layers = position.Merge(files, r.Values.Assignments())
	return faults, harmless
}

func (r *loadedRelease) faultFindings(faults []position.Fault) []Finding {
	var findings []Finding
	for _, fault := range faults {
		finding := Finding{ID: fault.ID, Severity: Error, Message: fault.Message, Position: fault.Position, Release: r.Label}
		for _, related := range fault.Related {
			finding.Related = append(finding.Related, Related{Message: "first given here", Position: related})
		}
		findings = append(findings, finding)
	}
	return findings
}

var lineInError = regexp.MustCompile(`line (\d+)`)

// readFinding makes a finding of Helm's error about a file, for what the other parser let pass. An error that is not
// about a file is returned.
func (r *loadedRelease) readFinding(err error) (Finding, error) {
	finding := Finding{ID: position.FaultSyntax, Severity: Error, Release: r.Label}
	for _, s := range r.sources {
		finding.Position = position.Position{File: s.name, Line: 1, Column: 1}
		if errors.Is(err, render.ErrNoValues) {
			finding.ID = idEmpty
			finding.Message = "the file holds no values, so nothing would be rendered: write externalNameServices, endpointServices or externalHosts, or {} if nothing is meant"
			return finding, nil
		}
		text, ok := strings.CutPrefix(err.Error(), s.name+": ")
		if !ok {
			continue
		}
		finding.Message = text
		if match := lineInError.FindStringSubmatch(text); match != nil {
			finding.Position.Line, _ = strconv.Atoi(match[1])
		}
		return finding, nil
	}
	return Finding{}, err
}
