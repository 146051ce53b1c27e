package report

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// Declaration is what a release, or a set of manifests, declares. A program that has a model and no files sets Model alone.
type Declaration struct {
	Model *egress.Model
	// Release names the release where there are several; empty for a single one.
	Release string
	// Revision is git's, where the files were read from it; empty for files on the disk.
	Revision string
	// Sources are the names of the files.
	Sources []string
	// Unsaid are fields of manifests that a report has no place for, each with its object and place.
	Unsaid []string

	placer placer // nil: paths are all that is known
	untold []untold
}

// place finds where a site is declared.
func (d *Declaration) place(site egress.Site) Place {
	if d.placer == nil {
		return Place{Path: site.Path}
	}
	place := d.placer.place(site)
	if place.File != "" {
		place.Revision = d.Revision
	}
	return place
}

// Load reads the values of a release and asks the chart what they declare. Values that the chart refuses are a
// [*render.RefusedError] that tells all problems with their places.
func Load(chart *render.Chart, release lint.Release) (*Declaration, error) {
	values := &valuesPlacer{flags: release.Values.Assignments()}
	loaded := release.Map
	if loaded == nil {
		var err error
		if loaded, err = values.read(release.Values); err != nil {
			return nil, err
		}
	}
	model, findings, err := chart.Declare(loaded, release.Options)
	if err != nil {
		return nil, err
	}
	findings = slices.DeleteFunc(findings, func(f render.Finding) bool { return f.Severity != render.SeverityError })
	if len(findings) > 0 {
		return nil, &render.RefusedError{Step: render.StepTemplates, Findings: findings, Err: values.refusal(release, findings)}
	}
	if model == nil {
		return nil, errors.New("the chart does not tell what its values declare: reports are for the istio-egress chart")
	}
	return &Declaration{Model: model, Release: release.Label, Sources: values.names(), placer: values}, nil
}

// valuesPlacer finds places in values files. It reads their YAML for places when it is asked for the first.
type valuesPlacer struct {
	files  []valuesFile
	flags  []position.Assignment
	layers *position.Layers
}

type valuesFile struct {
	name string // for people
	data []byte
}

// read reads the values, and keeps what the files hold.
func (v *valuesPlacer) read(from render.ValuesOptions) (map[string]any, error) {
	stdin := inputfile.Once(from.Stdin)
	read := from.ReadFile
	if read == nil {
		read = func(name string) ([]byte, error) { return inputfile.Read(name, stdin, 0) }
	}
	known := map[string][]byte{}
	for _, name := range from.Files {
		data, err := read(name)
		if err != nil {
			return nil, err
		}
		known[name] = data
		v.files = append(v.files, valuesFile{inputfile.Name(name), data})
	}
	from.ReadFile = func(name string) ([]byte, error) {
		if data, ok := known[name]; ok {
			return data, nil
		}
		return read(name)
	}
	return render.ReadValues(from)
}

func (v *valuesPlacer) names() []string {
	var names []string
	for _, file := range v.files {
		if !slices.Contains(names, file.name) {
			names = append(names, file.name)
		}
	}
	return names
}

func (v *valuesPlacer) place(site egress.Site) Place {
	return placed(site.Path, v.find(site.Path))
}

func (v *valuesPlacer) find(path string) position.Position {
	if v.layers == nil {
		var files []*position.File
		for _, file := range v.files {
			parsed, _ := position.Parse(file.name, file.data) // faults that matter were errors before
			files = append(files, parsed)
		}
		v.layers = position.Merge(files, v.flags)
	}
	parsed, err := position.ParsePath(path)
	if err != nil {
		return position.Position{}
	}
	return v.layers.Find(parsed).Key
}

// refusal says what the chart refuses, a line for each problem.
func (v *valuesPlacer) refusal(release lint.Release, findings []render.Finding) error {
	var text bytes.Buffer
	text.WriteString("the chart refuses the values")
	if release.Label != "" {
		fmt.Fprintf(&text, " of release %s", release.Label)
	}
	text.WriteString(", so nothing can be told of them:")
	for _, f := range findings {
		place := v.place(egress.Site{Path: f.Path})
		line := fmt.Sprintf("%s: %s [%s]", f.Path, f.Message, f.ID)
		if at := place.String(); at != f.Path {
			line = at + ": " + line
		}
		text.WriteString("\n- " + strings.ReplaceAll(line, "\n", " "))
	}
	return errors.New(text.String())
}
