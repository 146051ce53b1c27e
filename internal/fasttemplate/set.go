package fasttemplate

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"text/template"
	"text/template/parse"
)

// ErrNotPlain says that text/template has to execute the templates.
var ErrNotPlain = errors.New("the template is not plain")

// ErrFailed says that a function has returned an error, which text/template would report. It is an [ErrNotPlain].
var ErrFailed = fmt.Errorf("%w: a function failed", ErrNotPlain)

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
// templates of the set, and dict, set, merge, sortAlpha and their like are taken to be Sprig's. Templates that are not
// plain make the whole set fail.
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
			return nil, err
		}
	}
	return set, nil
}

func (s *Set) compile(name string, root *parse.ListNode, funcs template.FuncMap) (err error) {
	defer recoverNotPlain(&err)
	c := &compiler{set: s, funcs: funcs, names: []string{"$"}, slots: 1}
	body := c.list(root)
	*s.templates[name] = compiled{body: body, slots: c.slots}
	return nil
}

// Execute prints a template. The guard says what the template may write to; nil allows everything.
func (s *Set) Execute(name string, data any, guard *Guard) (text string, err error) {
	defer recoverNotPlain(&err)
	out := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(out)
	out.Reset()
	newExecution(s, guard).call(name, data, out, 0)
	return out.String(), nil
}

// buffers are kept, because growing them for megabytes of output is costly.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// notPlain is what this package panics with.
func notPlain(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrNotPlain}, args...)...)
}

// recoverNotPlain turns a panic, of this package or of a function that the template called, into the error.
func recoverNotPlain(err *error) {
	r := recover()
	switch r := r.(type) {
	case nil:
	case error:
		*err = r
		if !errors.Is(r, ErrNotPlain) {
			*err = notPlain("%w", r)
		}
	default:
		*err = notPlain("%v", r)
	}
}

// Compiled pieces. A statement prints and says how it ended, an expression has a value. Both panic when they meet
// something that is not plain.
type (
	statement  func(*frame) flow
	expression func(*frame) any
)

// flow is how a statement ended.
type flow byte

const (
	proceed flow = iota
	breakLoop
	continueLoop
)
