package fasttemplate

import (
	"context"
	"errors"
	"fmt"
	"text/template"
	"text/template/parse"
)

// ErrUnsupported says that text/template has to execute the templates.
var ErrUnsupported = errors.New("not known to internal/fasttemplate")

// Set is a compiled set of templates. It does not change and is safe for concurrent use.
type Set struct {
	templates map[string]*compiled
}

// compiled is one template.
type compiled struct {
	body  statement
	slots int // variables, $ included
}

// Compile compiles all templates of a parsed set. The functions are those that it was parsed with; "include" executes
// templates of the set. A single template beyond what this package knows is an error, an [ErrUnsupported].
func Compile(parsed *template.Template, funcs template.FuncMap) (*Set, error) {
	set := &Set{templates: map[string]*compiled{}}
	for _, t := range parsed.Templates() {
		set.templates[t.Name()] = &compiled{}
	}
	for _, t := range parsed.Templates() {
		if t.Tree == nil {
			continue
		}
		if err := set.compile(t.Name(), t.Root, funcs); err != nil {
			return nil, fmt.Errorf("template %q: %w", t.Name(), err)
		}
	}
	return set, nil
}

func (s *Set) compile(name string, root *parse.ListNode, funcs template.FuncMap) (err error) {
	defer recoverUnsupported(&err)
	c := &compiler{set: s, funcs: funcs, names: []string{"$"}, slots: 1}
	body := c.list(root)
	*s.templates[name] = compiled{body: body, slots: c.slots}
	return nil
}

// Execute prints a template. What templates share while they execute at the same time, none of them may write to. When the
// context ends, so does the execution, with the context's error.
func (s *Set) Execute(ctx context.Context, name string, root map[string]any) (text string, err error) {
	defer recoverUnsupported(&err)
	var out buffer
	x := &execution{set: s, done: ctx.Done()}
	x.call(name, root, &out, 0)
	return out.String(), context.Cause(ctx)
}

// unsupported is what this package panics with.
func unsupported(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrUnsupported}, args...)...)
}

// recoverUnsupported turns a panic, of this package or of a function that the template called, into the error.
func recoverUnsupported(err *error) {
	r := recover()
	switch r := r.(type) {
	case nil:
	case error:
		*err = r
		if !errors.Is(r, ErrUnsupported) {
			*err = unsupported("%w", r)
		}
	default:
		*err = unsupported("%v", r)
	}
}

// Compiled pieces. A statement prints and tells whether it ended the loop around it, an expression has a value. Both panic
// when they meet something beyond this package.
type (
	statement  func(*frame) (broke bool)
	expression func(*frame) any
)
