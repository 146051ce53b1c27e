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
	panic(notPlain("the variable %s", name))
}

// scoped compiles with the variables that are declared on the way forgotten at the end.
func (c *compiler) scoped(compile func()) {
	before := len(c.names)
	compile()
	c.names = c.names[:before]
}

func (c *compiler) list(list *parse.ListNode) statement {
	if list == nil {
		return func(*frame) flow { return proceed }
	}
	var statements []statement
	for _, node := range list.Nodes {
		if s := c.node(node); s != nil {
			statements = append(statements, s)
		}
	}
	if len(statements) == 1 {
		return statements[0]
	}
	return func(f *frame) flow {
		for _, s := range statements {
			if end := s(f); end != proceed {
				return end
			}
		}
		return proceed
	}
}

// node compiles a statement, nil for none.
func (c *compiler) node(node parse.Node) statement {
	switch n := node.(type) {
	case *parse.TextNode:
		text := string(n.Text)
		return func(f *frame) flow { f.out.WriteString(text); return proceed }
	case *parse.CommentNode:
		return nil
	case *parse.BreakNode:
		return func(*frame) flow { return breakLoop }
	case *parse.ContinueNode:
		return func(*frame) flow { return continueLoop }
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
	panic(notPlain("the node %s", node))
}

func (c *compiler) action(pipe *parse.PipeNode) statement {
	value := c.pipeline(pipe)
	if len(pipe.Decl) > 0 {
		return func(f *frame) flow { value(f); return proceed }
	}
	return func(f *frame) flow { printValue(f.out, value(f)); return proceed }
}

// branch compiles if, and with, which sets the dot.
func (c *compiler) branch(n *parse.BranchNode, with bool) (s statement) {
	c.scoped(func() {
		value := c.pipeline(n.Pipe)
		var then, otherwise statement
		c.scoped(func() { then = c.list(n.List) })
		c.scoped(func() { otherwise = c.list(n.ElseList) })
		s = func(f *frame) flow {
			v := value(f)
			if !isTrue(v) {
				return otherwise(f)
			}
			if !with {
				return then(f)
			}
			dot := f.dot
			f.dot = v
			end := then(f)
			f.dot = dot
			return end
		}
	})
	return s
}

func (c *compiler) rangeLoop(n *parse.RangeNode) (s statement) {
	if n.Pipe.IsAssign {
		panic(notPlain("a range that assigns"))
	}
	c.scoped(func() {
		value := c.pipeline(n.Pipe)
		loop := loop{key: -1, element: -1}
		switch len(n.Pipe.Decl) {
		case 1:
			loop.element = c.slot(n.Pipe.Decl[0].Ident[0])
		case 2:
			loop.key, loop.element = c.slot(n.Pipe.Decl[0].Ident[0]), c.slot(n.Pipe.Decl[1].Ident[0])
		}
		c.scoped(func() { loop.body = c.list(n.List) })
		var otherwise statement
		c.scoped(func() { otherwise = c.list(n.ElseList) })
		s = func(f *frame) flow {
			v := value(f)
			dot := f.dot
			empty := loop.run(f, v)
			f.dot = dot
			if !empty {
				return proceed
			}
			// As in text/template, a break there ends this loop, and a continue continues the one around it.
			if end := otherwise(f); end != breakLoop {
				return end
			}
			return proceed
		}
	})
	return s
}

// loop is the body of a range with its variables, -1 for those that it does not have.
type loop struct {
	key, element int
	body         statement
}

// run iterates. A break or continue ends here.
func (l loop) run(f *frame, collection any) (empty bool) {
	if collection == nil {
		return true
	}
	if lines, ok := collection.([]string); ok { // in place: sortAlpha may sort it meanwhile
		for i := range lines {
			if l.once(f, i, lines[i]) == breakLoop {
				break
			}
		}
		return len(lines) == 0
	}
	if items, ok := list(collection); ok {
		for i, item := range items {
			if l.once(f, i, item) == breakLoop {
				break
			}
		}
		return len(items) == 0
	}
	// As in text/template, the loop sees the map as it was when it began.
	items := f.sortMap(stringMap(collection))
	for i, key := range items.keys {
		if l.once(f, key, items.values[i]) == breakLoop {
			break
		}
	}
	return len(items.keys) == 0
}

func (l loop) once(f *frame, key, element any) flow {
	if l.key >= 0 {
		f.vars[l.key] = key
	}
	if l.element >= 0 {
		f.vars[l.element] = element
	}
	f.dot = element
	return l.body(f)
}
