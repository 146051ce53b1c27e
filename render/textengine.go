package render

import (
	"context"
	"errors"
	"fmt"
	"path"
	"sort"
	"strings"
	"text/template"
)

// textEngine executes the templates of a chart by text/template, as Helm does, but parses them once.
type textEngine struct {
	helm      helmChart
	templates *template.Template
	files     []string // full names of the files to execute, in Helm's order
}

func newTextEngine(helm helmChart) (*textEngine, error) {
	texts := helm.templates()
	templates, err := parseTemplates(texts)
	return &textEngine{helm: helm, templates: templates, files: executedFiles(texts)}, err
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

// executedFiles returns the names of all templates that print something, in the order in which Helm executes them. State
// that a template leaves in the root context is seen by those after it.
func executedFiles(texts map[string]string) []string {
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

// render has Helm sort the documents.
func (e *textEngine) render(ctx context.Context, values map[string]any, release helmRelease) (*Result, error) {
	files, err := e.executeAll(ctx, values, release)
	if err != nil {
		return nil, err
	}
	return e.helm.result(files)
}

// executeAll returns what the files print, by their names.
func (e *textEngine) executeAll(ctx context.Context, values map[string]any, release helmRelease) (map[string]string, error) {
	set, root, err := e.start(ctx, values, release)
	if err != nil {
		return nil, err
	}
	files := make(map[string]string, len(e.files))
	for _, name := range e.files {
		root["Template"] = helmValues(e.helm.templateValues(name))
		if files[name], err = execute(ctx, set, name, root); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (e *textEngine) print(ctx context.Context, name string, values map[string]any, release helmRelease) (string, map[string]any, error) {
	set, root, err := e.start(ctx, values, release)
	if err != nil {
		return "", nil, err
	}
	text, err := execute(ctx, set, name, root)
	return text, root, err
}

// start returns templates and a root context for a single render, which may write to all that is in it. The parse trees are
// shared with other renders; include and tpl are its own, because they count nested calls.
func (e *textEngine) start(ctx context.Context, values map[string]any, release helmRelease) (*template.Template, helmValues, error) {
	root, err := e.helm.root(copyValues(values), release)
	if err != nil {
		return nil, nil, err
	}
	set, err := e.templates.Clone()
	if err != nil {
		return nil, nil, err
	}
	// Clone loses the option: https://github.com/golang/go/issues/43022.
	set.Option("missingkey=zero")
	calls := map[string]int{}
	set.Funcs(template.FuncMap{"include": include(ctx, set, calls), "tpl": tpl(ctx, set, calls)})
	return set, root, nil
}

// execute prints a template. As in Helm, a value that is not there prints nothing.
func execute(ctx context.Context, set *template.Template, name string, root helmValues) (text string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("rendering template failed: %v", r)
		}
	}()
	var out strings.Builder
	if err := set.ExecuteTemplate(untilDone{ctx, &out}, name, root); err != nil {
		return "", err
	}
	return withoutNoValue(out.String()), nil
}

// untilDone is a writer whose error, once the context has ended, ends the template that writes to it.
type untilDone struct {
	ctx context.Context
	out *strings.Builder
}

func (w untilDone) Write(text []byte) (int, error) {
	if err := context.Cause(w.ctx); err != nil {
		return 0, err
	}
	return w.out.Write(text)
}

func withoutNoValue(text string) string { return strings.ReplaceAll(text, "<no value>", "") }

// maxIncludes is how often a template may include itself before Helm calls it endless.
const maxIncludes = 1000

func include(ctx context.Context, set *template.Template, calls map[string]int) func(string, any) (string, error) {
	return func(name string, data any) (string, error) {
		if calls[name] > maxIncludes {
			return "", errors.New("rendering template has a nested reference name: " + name)
		}
		calls[name]++
		defer func() { calls[name]-- }()
		var out strings.Builder
		err := set.ExecuteTemplate(untilDone{ctx, &out}, name, data)
		return out.String(), err
	}
}

// tpl renders a text as a template. What it defines is seen by its own includes alone.
func tpl(ctx context.Context, parent *template.Template, calls map[string]int) func(string, any) (string, error) {
	return func(text string, data any) (string, error) {
		set, err := parent.Clone()
		if err != nil {
			return "", err
		}
		set.Option("missingkey=zero")
		set.Funcs(template.FuncMap{"include": include(ctx, set, calls), "tpl": tpl(ctx, set, calls)})
		parsed, err := set.New(parent.Name()).Parse(text)
		if err != nil {
			return "", err
		}
		var out strings.Builder
		if err := parsed.Execute(untilDone{ctx, &out}, data); err != nil {
			return "", err
		}
		return withoutNoValue(out.String()), nil
	}
}
