package fasttemplate

// execution is one call of [Set.Execute]. What templates need while they run is kept and used again by the next of the
// same depth, because a template that runs for every entry would allocate it as often.
type execution struct {
	set    *Set
	done   <-chan struct{} // closed when nobody waits for the text any more; nil when somebody always does
	frames []*frame        // by depth
	stack  []any           // arguments of the calls under way
}

// frame is one execution of a template.
type frame struct {
	*execution
	out    *buffer
	dot    any
	vars   []any
	depth  int
	record record // what dot is, where the template was called with a dict
}

// maxDepth is how deep templates may call each other here.
const maxDepth = 500

// call executes a template by name.
func (x *execution) call(name string, data any, out *buffer, depth int) {
	t := x.set.templates[name]
	if t == nil {
		panic(unsupported("the template %q", name))
	}
	x.enter(t, out, depth).run(t, data)
}

// enter returns the frame of a depth for a template. What its variables held before is not seen: a variable is set where
// it is declared.
func (x *execution) enter(t *compiled, out *buffer, depth int) *frame {
	if t.body == nil || depth > maxDepth {
		panic(unsupported("a template without a body, or at depth %d", depth))
	}
	if depth == len(x.frames) {
		x.frames = append(x.frames, &frame{execution: x, depth: depth})
	}
	f := x.frames[depth]
	if len(f.vars) < t.slots {
		f.vars = make([]any, t.slots)
	}
	f.out = out
	return f
}

func (f *frame) run(t *compiled, data any) {
	f.dot, f.vars[0] = data, data
	t.body(f)
}

// errAbandoned ends an execution for which nobody waits.
var errAbandoned = unsupported("the context has ended")

// proceed panics when nobody waits for the text any more.
func (x *execution) proceed() {
	select {
	case <-x.done:
		panic(errAbandoned)
	default:
	}
}

// push evaluates arguments onto the stack, for a call that does not keep them. They are to be popped behind the call.
func (f *frame) push(args []expression) []any {
	base := len(f.stack)
	for _, arg := range args {
		value := arg(f)
		f.stack = append(f.stack, value)
	}
	return f.stack[base:len(f.stack):len(f.stack)]
}

func (f *frame) pop(args []any) {
	base := len(f.stack) - len(args)
	clear(f.stack[base:])
	f.stack = f.stack[:base]
}
