package render

import (
	"context"
	"errors"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// errLeaveToHelm says that Helm has to render.
var errLeaveToHelm = errors.New("left to Helm")

// prepared is what does not depend on the values and is done once per chart: the templates are parsed, the schema is
// compiled. It does not change and is safe for concurrent use.
//
// What it cannot do exactly, and whatever fails in it, Helm does again, whose result or error is the answer.
type prepared struct {
	helm      helmChart
	schema    *jsonschema.Schema // nil for a chart without one
	explainer explainer
	engine    templateEngine
}

// templateEngine executes the templates of a chart, until the context ends. The values are not changed.
type templateEngine interface {
	// render executes all files.
	render(ctx context.Context, values map[string]any, release helmRelease) (*Result, error)
	// print executes one template. It also returns the root context, in which templates leave what they found.
	print(ctx context.Context, name string, values map[string]any, release helmRelease) (text string, root map[string]any, err error)
}

// prepare prepares a chart for text/template.
func prepare(helm helmChart) (*prepared, error) {
	text, err := newTextEngine(helm)
	if err != nil {
		return nil, err
	}
	return newPrepared(helm, text)
}

// prepareEmbedded prepares the embedded chart, whose templates are compiled.
func prepareEmbedded(helm helmChart) (*prepared, error) {
	text, err := newTextEngine(helm)
	if err != nil {
		return nil, err
	}
	compiled, err := newCompiledEngine(text)
	if err != nil {
		return nil, err
	}
	return newPrepared(helm, compiled)
}

// newPrepared fails for charts that are left to Helm: those with dependencies, where the values decide which templates there
// are, and those whose schema Helm itself will complain of.
func newPrepared(helm helmChart, engine templateEngine) (*prepared, error) {
	if helm.hasDependencies() {
		return nil, errLeaveToHelm
	}
	schema, explainer, err := compileSchema(helm.schema())
	if err != nil {
		return nil, err
	}
	return &prepared{helm: helm, schema: schema, explainer: explainer, engine: engine}, nil
}

// render returns an error for everything that Helm has to answer.
func (p *prepared) render(ctx context.Context, values map[string]any, release helmRelease) (*Result, error) {
	if p.helm.checkKubeVersion(release) != nil {
		return nil, errLeaveToHelm
	}
	coalesced, ok := coalesce(values, p.helm.defaults())
	if !ok {
		return nil, errLeaveToHelm
	}
	valid := p.startValidation(coalesced, release, func() {})
	result, err := p.engine.render(ctx, coalesced, release)
	return result, errors.Join(<-valid, err)
}

// startValidation validates the values by the schema, while the templates are executed. What it refuses it tells at once.
func (p *prepared) startValidation(values map[string]any, release helmRelease, refused func()) <-chan error {
	result := make(chan error, 1)
	if p.schema == nil || release.skipSchema {
		result <- nil
		return result
	}
	go func() {
		err := validate(p.schema, values)
		if err != nil {
			refused()
		}
		result <- err
	}()
	return result
}
