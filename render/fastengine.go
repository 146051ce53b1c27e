package render

import (
	"errors"
	"fmt"
	"strings"
	"text/template"

	"github.com/istio-egress/istio-egress/internal/fasttemplate"
)

// fastEngine executes the templates of a chart, for one render at a time. The parse trees are shared with other
// engines; include and tpl are its own, because they count nested calls.
type fastEngine struct {
	templates *template.Template
}

const rootTemplate = "gotpl"

// parseTemplates parses all templates of a chart into one set, in Helm's order: of two defines of one name, the later
// wins.
func parseTemplates(texts map[string]string) (*template.Template, error) {
	set := template.New(rootTemplate).Option("missingkey=zero").Funcs(templateFuncs())
	for _, name := range helmOrder(texts) {
		if _, err := set.New(name).Parse(texts[name]); err != nil {
			return nil, err
		}
	}
	return set, nil
}

func newFastEngine(parsed *template.Template) (*fastEngine, error) {
	set, err := parsed.Clone()
	if err != nil {
		return nil, err
	}
	// Clone loses the option: https://github.com/golang/go/issues/43022.
	set.Option("missingkey=zero")
	calls := map[string]int{}
	set.Funcs(template.FuncMap{"include": include(set, calls), "tpl": tpl(set, calls)})
	return &fastEngine{templates: set}, nil
}

// plainEngine executes the templates of a chart where they are plain.
type plainEngine struct {
	set   *fasttemplate.Set
	guard *fasttemplate.Guard
}

func (e plainEngine) execute(name string, root map[string]any) (string, error) {
	text, err := e.set.Execute(name, helmValues(root), e.guard)
	return withoutNoValue(text), err
}

// execute prints a template. As in Helm, a value that is not there prints nothing.
func (e *fastEngine) execute(name string, root map[string]any) (text string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("rendering template failed: %v", r)
		}
	}()
	var out strings.Builder
	if err := e.templates.ExecuteTemplate(&out, name, helmValues(root)); err != nil {
		return "", err
	}
	return withoutNoValue(out.String()), nil
}

func withoutNoValue(text string) string { return strings.ReplaceAll(text, "<no value>", "") }

// maxIncludes is how often a template may include itself before Helm calls it endless.
const maxIncludes = 1000

func include(set *template.Template, calls map[string]int) func(string, any) (string, error) {
	return func(name string, data any) (string, error) {
		if calls[name] > maxIncludes {
			return "", errors.New("rendering template has a nested reference name: " + name)
		}
		calls[name]++
		defer func() { calls[name]-- }()
		var out strings.Builder
		err := set.ExecuteTemplate(&out, name, data)
		return out.String(), err
	}
}

// tpl renders a text as a template. What it defines is seen by its own includes alone.
func tpl(parent *template.Template, calls map[string]int) func(string, any) (string, error) {
	return func(text string, data any) (string, error) {
		set, err := parent.Clone()
		if err != nil {
			return "", err
		}
		set.Option("missingkey=zero")
		set.Funcs(template.FuncMap{"include": include(set, calls), "tpl": tpl(set, calls)})
		parsed, err := set.New(parent.Name()).Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		if err := parsed.Execute(&out, data); err != nil {
			return "", err
		}
		return withoutNoValue(out.String()), nil
	}
}
