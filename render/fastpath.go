package render

import (
	"errors"
	"path"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"text/template"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/istio-egress/istio-egress/internal/fasttemplate"
)

// The fast path renders as Helm does, with what does not depend on the values done once per chart: templates parsed, the
// schema compiled. Documents are put in order without decoding them.
//
// It never reports an error of its own. Whatever it cannot do exactly, or whatever fails in it, is rendered again by
// Helm, whose result or error is the answer.

// errLeaveToHelm says that the fast path has no answer.
var errLeaveToHelm = errors.New("left to Helm")

// fastPath holds what is prepared for a chart. It does not change, apart from the pool, and is safe for concurrent use.
type fastPath struct {
	helm      helmChart
	schema    *jsonschema.Schema // nil for a chart without one
	explainer explainer
	files     []string // full names of the templates to execute, in Helm's order
	notes     string   // full name of NOTES.txt
	constants rootConstants
	plain     *fasttemplate.Set // nil when the templates are not plain
	engines   sync.Pool         // of *fastEngine
	templates *template.Template
	basePath  string      // of the templates
	writes    atomic.Bool // whether templates were seen to write to the values
}

// newFastPath prepares a chart. It fails for charts that are left to Helm: those with dependencies, where the values
// decide which templates there are, and those whose templates or schema Helm itself will complain of.
func newFastPath(helm helmChart) (*fastPath, error) {
	if helm.hasDependencies() {
		return nil, errLeaveToHelm
	}
	schema, doc, err := compileSchema(helm.schema())
	if err != nil {
		return nil, err
	}
	constants, err := helm.rootConstants()
	if err != nil {
		return nil, err
	}
	texts := helm.templates()
	templates, err := parseTemplates(texts)
	if err != nil {
		return nil, err
	}
	plain, err := fasttemplate.Compile(templates, templateFuncs())
	if err != nil {
		plain = nil
	}
	return &fastPath{
		plain:     plain,
		helm:      helm,
		schema:    schema,
		explainer: explainer{doc},
		files:     executed(texts),
		notes:     path.Join(helm.name(), "templates", notesSuffix),
		basePath:  path.Join(helm.name(), "templates"),
		constants: constants,
		templates: templates,
	}, nil
}

// executed returns the names of all templates that print something, in the order in which Helm executes them. State
// that a template leaves in the root context is seen by those after it.
func executed(texts map[string]string) []string {
	var names []string
	for _, name := range helmOrder(texts) {
		if !strings.HasPrefix(path.Base(name), "_") {
			names = append(names, name)
		}
	}
	return names
}

// helmOrder sorts names as Helm's engine does: the deepest first, and backwards within a depth.
func helmOrder(texts map[string]string) []string {
	names := make([]string, 0, len(texts))
	for name := range texts {
		names = append(names, name)
	}
	sort.Slice(names, func(i, j int) bool {
		a, b := strings.Count(names[i], "/"), strings.Count(names[j], "/")
		if a != b {
			return a > b
		}
		return names[i] > names[j]
	})
	return names
}

// render returns an error for everything that Helm has to answer.
func (f *fastPath) render(values map[string]any, release helmRelease) (*Result, error) {
	if f.helm.checkKubeVersion(release) != nil {
		return nil, errLeaveToHelm
	}
	coalesced, exact := coalesce(values, f.helm.defaults())
	if !exact {
		return nil, errLeaveToHelm
	}
	valid := f.startValidation(coalesced)
	files, err := f.executeFiles(coalesced, release)
	if err := errors.Join(<-valid, err); err != nil {
		return nil, err
	}
	result := &Result{documents: inInstallOrder(files)}
	for _, file := range files {
		if file.name == f.notes {
			result.notes = file.text
		}
	}
	return result, nil
}

// startValidation validates the values by the schema, while the templates are executed.
func (f *fastPath) startValidation(values map[string]any) <-chan error {
	result := make(chan error, 1)
	if f.schema == nil {
		result <- nil
		return result
	}
	go func() { result <- validate(f.schema, values) }()
	return result
}

// executeFiles renders all files, in the order of f.files.
func (f *fastPath) executeFiles(values map[string]any, release helmRelease) (files []executedFile, err error) {
	err = f.withEngine(values, release, func(engine templateEngine, root map[string]any) error {
		files, err = f.executeAll(engine, root)
		return err
	})
	return files, err
}

// withEngine works with the plain engine, guarded from writing to the values. If templates do, they get a copy of the
// values; if the engine cannot execute them, one of text/template does.
func (f *fastPath) withEngine(values map[string]any, release helmRelease, work func(templateEngine, map[string]any) error) error {
	var err error
	if f.plain != nil && !f.writes.Load() {
		guard := fasttemplate.NewGuard()
		if !protectValues(guard, values) {
			return errLeaveToHelm
		}
		root := f.root(values, release)
		guard.Watch(root)
		err = work(plainEngine{f.plain, guard}, root)
		if errors.Is(err, fasttemplate.ErrWrites) {
			f.writes.Store(true)
		}
	}
	if f.plain != nil && f.writes.Load() {
		own, ok := copyValues(values)
		if !ok {
			return errLeaveToHelm
		}
		err = work(plainEngine{f.plain, nil}, f.root(own, release))
	}
	if f.plain != nil && err == nil || errors.Is(err, fasttemplate.ErrFailed) {
		return err
	}
	own, ok := copyValues(values)
	if !ok {
		return errLeaveToHelm
	}
	engine, err := f.engine()
	if err != nil {
		return err
	}
	if err := work(engine, f.root(own, release)); err != nil {
		return err
	}
	f.engines.Put(engine)
	return nil
}

// templateEngine executes a template of the chart.
type templateEngine interface {
	execute(name string, root map[string]any) (string, error)
}

// root returns the root context of a render, which templates may write to.
func (f *fastPath) root(values map[string]any, release helmRelease) helmValues {
	return helmValues{
		"Chart":        ownLists(f.constants.chart),
		"Files":        f.constants.files,
		"Release":      release.values(),
		"Capabilities": release.capabilities,
		"Values":       helmValues(values),
		"Subcharts":    map[string]any{},
	}
}

// engine returns an engine that no other render uses. One that failed is not put back.
func (f *fastPath) engine() (*fastEngine, error) {
	if engine, ok := f.engines.Get().(*fastEngine); ok {
		return engine, nil
	}
	return newFastEngine(f.templates)
}
