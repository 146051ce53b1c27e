package fasttemplate

import (
	"slices"
	"text/template"
	"text/template/parse"
)

// compiler compiles one template. Variables live in slots; their names are looked up here, as they are scoped.
type compiler struct {
	set   *Set
	funcs template.FuncMap
	names []string // the variables in scope, by slot; "" for those that are not
	slots int
}

func (c *compiler) declare(name string) int {
	c.names = append(c.names, name)
	c.slots = max(c.slots, len(c.names))
	return len(c.names) - 1
}

func (c *compiler) slot(name string) int {
	for i, declared := range slices.Backward(c.names) {
		if declared == name {
			return i
		}
	}
	panic(unsupported("the variable %s", name))
}

// scoped compiles with the variables that are declared on the way forgotten at the end.
func (c *compiler) scoped(compile func()) {
	before := len(c.names)
	compile()
	c.names = c.names[:before]
}

func (c *compiler) list(list *parse.ListNode) statement {
	if list == nil {
		return func(*frame) bool { return false }
	}
	statements := make([]statement, len(list.Nodes))
	for i, node := range list.Nodes {
		statements[i] = c.node(node)
	}
	if len(statements) == 1 {
		return statements[0]
	}
	return func(f *frame) bool {
		for _, s := range statements {
			if s(f) {
				return true
			}
		}
		return false
	}
}

// node compiles a statement.
func (c *compiler) node(node parse.Node) statement {
	switch n := node.(type) {
	case *parse.TextNode:
		text := string(n.Text)
		return func(f *frame) bool { f.out.writeString(text); return false }
	case *parse.BreakNode:
		return func(*frame) bool { return true }
	case *parse.ActionNode:
		return c.action(n.Pipe)
	case *parse.IfNode:
		return c.branch(&n.BranchNode, false)
	case *parse.WithNode:
		return c.branch(&n.BranchNode, true)
	case *parse.RangeNode:
		return c.rangeLoop(n)
	case *parse.TemplateNode:
		return c.call(n)
	}
	panic(unsupported("the node %s", node))
}

func (c *compiler) action(pipe *parse.PipeNode) statement {
	value := c.pipeline(pipe)
	if len(pipe.Decl) > 0 {
		return func(f *frame) bool { value(f); return false }
	}
	return func(f *frame) bool { printValue(f.out, value(f)); return false }
}

// branch compiles if, and with, which sets the dot.
func (c *compiler) branch(n *parse.BranchNode, with bool) (s statement) {
	c.scoped(func() {
		value := c.pipeline(n.Pipe)
		var then, otherwise statement
		c.scoped(func() { then = c.list(n.List) })
		c.scoped(func() { otherwise = c.list(n.ElseList) })
		s = func(f *frame) bool {
			v := value(f)
			if !isTrue(v) {
				return otherwise(f)
			}
			if !with {
				return then(f)
			}
			dot := f.dot
			f.dot = v
			broke := then(f)
			f.dot = dot
			return broke
		}
	})
	return s
}

func (c *compiler) rangeLoop(n *parse.RangeNode) (s statement) {
	if n.Pipe.IsAssign || n.ElseList != nil {
		panic(unsupported("a range that assigns, or has an else"))
	}
	c.scoped(func() {
		collection := c.pipeline(n.Pipe)
		loop := loop{key: -1, element: -1}
		switch len(n.Pipe.Decl) {
		case 1:
			loop.element = c.slot(n.Pipe.Decl[0].Ident[0])
		case 2:
			loop.key, loop.element = c.slot(n.Pipe.Decl[0].Ident[0]), c.slot(n.Pipe.Decl[1].Ident[0])
		}
		c.scoped(func() { loop.body = c.list(n.List) })
		s = func(f *frame) bool {
			dot := f.dot
			loop.run(f, collection(f))
			f.dot = dot
			return false
		}
	})
	return s
}

// loop is the body of a range with its variables, -1 for those that it does not have.
type loop struct {
	key, element int
	body         statement
}

// run iterates. A break ends here.
func (l loop) run(f *frame, collection any) {
	switch items := collection.(type) {
	case nil:
	case []any:
		overList(l, f, items)
	case []string:
		overList(l, f, items)
	case [][]any:
		overList(l, f, items)
	case map[string]any:
		// As in text/template, the loop sees the map as it was when it began.
		sorted := sortMap(items)
		for i, key := range sorted.keys {
			if l.broke(f, key, sorted.values[i]) {
				return
			}
		}
	default:
		panic(unsupported("range over %T", collection))
	}
}

func overList[T any](l loop, f *frame, items []T) {
	for i := range items {
		if l.broke(f, i, items[i]) {
			return
		}
	}
}

// broke runs the body for one element.
func (l loop) broke(f *frame, key, element any) bool {
	f.proceed()
	if l.key >= 0 {
		f.vars[l.key] = key
	}
	if l.element >= 0 {
		f.vars[l.element] = element
	}
	f.dot = element
	return l.body(f)
}
