package render

import (
	"context"

	"github.com/istio-egress/istio-egress/internal/fasttemplate"
)

// compiledEngine executes the templates of the embedded chart by internal/fasttemplate. They never write to the values, and
// only the first file to what the files have in common, which tests hold them to: so the values need not be copied, and the
// other files are executed at the same time.
type compiledEngine struct {
	helm  helmChart
	set   *fasttemplate.Set
	files []string // full names of the files to execute, in Helm's order
	text  *textEngine
}

func newCompiledEngine(text *textEngine) (*compiledEngine, error) {
	set, err := fasttemplate.Compile(text.templates, templateFuncs())
	return &compiledEngine{helm: text.helm, set: set, files: text.files, text: text}, err
}

func (e *compiledEngine) render(ctx context.Context, values map[string]any, release helmRelease) (*Result, error) {
	files, err := e.executeAll(ctx, e.root(values, release))
	if err != nil {
		return nil, err
	}
	result := &Result{documents: inInstallOrder(files)}
	for _, file := range files {
		if e.helm.isNotes(file.name) {
			result.notes = file.text
		}
	}
	return result, nil
}

// print has text/template print what the compiled templates do not: a value of a type that they do not expect, where the
// schema refuses others.
func (e *compiledEngine) print(ctx context.Context, name string, values map[string]any, release helmRelease) (string, map[string]any, error) {
	root := e.root(values, release)
	text, err := e.execute(ctx, name, root)
	if err != nil {
		return e.text.print(ctx, name, values, release)
	}
	return text, root, nil
}

// root returns the root context of a render. It has what the chart's templates use; more of it is an error of theirs.
func (e *compiledEngine) root(values map[string]any, release helmRelease) map[string]any {
	return map[string]any{
		"Chart":        fasttemplate.Struct{"Name": e.helm.name(), "Version": e.helm.version()},
		"Files":        fasttemplate.Struct{},
		"Capabilities": fasttemplate.Struct{},
		"Subcharts":    map[string]any{},
		"Release":      release.values(),
		"Values":       values,
	}
}
