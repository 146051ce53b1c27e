package fasttemplate

import (
	"strings"
	"text/template/parse"
)

// pipeline compiles commands, each given the value of the one before, and the variables that get the last value.
func (c *compiler) pipeline(pipe *parse.PipeNode) expression {
	var value expression
	for _, command := range pipe.Cmds {
		value = c.command(command, value)
	}
	for _, variable := range pipe.Decl {
		var slot int
		if pipe.IsAssign {
			slot = c.slot(variable.Ident[0])
		} else {
			slot = c.declare(variable.Ident[0])
		}
		before := value
		value = func(f *frame) any {
			v := before(f)
			f.vars[slot] = v
			return v
		}
	}
	return value
}

// command compiles a function call or a single operand.
func (c *compiler) command(command *parse.CommandNode, final expression) expression {
	if function, ok := command.Args[0].(*parse.IdentifierNode); ok {
		return c.functionCommand(function.Ident, command.Args[1:], final)
	}
	if len(command.Args) > 1 || final != nil {
		panic(notPlain("arguments of %s", command.Args[0])) // arguments of a method
	}
	if _, isNil := command.Args[0].(*parse.NilNode); isNil {
		panic(notPlain("nil as a command")) // nil is not a command
	}
	return c.operand(command.Args[0])
}

// functionCommand compiles a call, with the value of the command before as its last argument. That value is there before
// the other arguments are evaluated, so it is kept in a slot of its own.
func (c *compiler) functionCommand(name string, nodes []parse.Node, final expression) expression {
	args := c.operands(nodes)
	if final == nil {
		return c.function(name, args)
	}
	slot := c.declare("")
	call := c.function(name, append(args, func(f *frame) any { return f.vars[slot] }))
	return func(f *frame) any {
		f.vars[slot] = final(f)
		return call(f)
	}
}

// operand compiles an argument.
func (c *compiler) operand(node parse.Node) expression {
	switch n := node.(type) {
	case *parse.DotNode:
		return func(f *frame) any { return plain(f, f.dot) }
	case *parse.NilNode:
		return func(*frame) any { return nil }
	case *parse.FieldNode:
		return fields(func(f *frame) any { return fieldOf(f.dot, n.Ident[0]) }, n.Ident[1:])
	case *parse.VariableNode:
		return c.variable(n)
	case *parse.ChainNode:
		return fields(c.operand(n.Node), n.Field)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			panic(notPlain("a variable of a pipeline in parentheses, which may not be evaluated"))
		}
		return c.pipeline(n)
	case *parse.IdentifierNode:
		return c.function(n.Ident, nil)
	case *parse.BoolNode:
		return constant(n.True)
	case *parse.StringNode:
		return constant(n.Text)
	case *parse.NumberNode:
		return constant(number(n))
	}
	panic(notPlain("the operand %s", node))
}

func constant(value any) expression { return func(*frame) any { return value } }

// number is the value of a constant that nothing but its form gives a type.
func number(n *parse.NumberNode) any {
	isDecimal := strings.Trim(n.Text, "0123456789+-") == ""
	switch {
	case isDecimal && n.IsInt && int64(int(n.Int64)) == n.Int64:
		return int(n.Int64)
	case n.IsFloat && strings.Contains(n.Text, ".") && strings.Trim(n.Text, "0123456789+-.") == "":
		return n.Float64
	}
	panic(notPlain("the number %s", n.Text))
}

// variable compiles $x and $x.a.b. Of all variables, $ alone may be a record.
func (c *compiler) variable(n *parse.VariableNode) expression {
	slot := c.slot(n.Ident[0])
	switch {
	case len(n.Ident) > 1:
		return fields(func(f *frame) any { return fieldOf(f.vars[slot], n.Ident[1]) }, n.Ident[2:])
	case slot == 0:
		return func(f *frame) any { return plain(f, f.vars[0]) }
	default:
		return func(f *frame) any { return f.vars[slot] }
	}
}

// fields compiles .a.b.c of a value.
func fields(value expression, names []string) expression {
	for _, name := range names {
		receiver := value
		value = func(f *frame) any { return fieldOf(receiver(f), name) }
	}
	return value
}

func fieldOf(v any, name string) any {
	switch v := v.(type) {
	case map[string]any:
		return v[name]
	case *record:
		return v.get(name)
	}
	return field(v, name)
}
