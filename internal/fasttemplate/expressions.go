package fasttemplate

import (
	"strconv"
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

// command compiles a function call or a single operand. The value is that of the command before, nil for none.
func (c *compiler) command(command *parse.CommandNode, before expression) expression {
	if function, ok := command.Args[0].(*parse.IdentifierNode); ok {
		return c.functionCommand(function.Ident, command.Args[1:], before)
	}
	if len(command.Args) > 1 || before != nil {
		panic(unsupported("the arguments of %s, which is no function", command.Args[0]))
	}
	return c.operand(command.Args[0])
}

// functionCommand compiles a call, with the value of the command before as its last argument. That value is there before
// the other arguments are evaluated, so it is kept in a slot of its own.
func (c *compiler) functionCommand(name string, nodes []parse.Node, before expression) expression {
	args := c.operands(nodes)
	if before == nil {
		return c.function(name, args)
	}
	slot := c.declare("")
	call := c.function(name, append(args, func(f *frame) any { return f.vars[slot] }))
	return func(f *frame) any {
		f.vars[slot] = before(f)
		return call(f)
	}
}

func (c *compiler) operands(nodes []parse.Node) []expression {
	operands := make([]expression, 0, len(nodes)+1)
	for _, node := range nodes {
		operands = append(operands, c.operand(node))
	}
	return operands
}

// operand compiles an argument.
func (c *compiler) operand(node parse.Node) expression {
	switch n := node.(type) {
	case *parse.DotNode:
		return func(f *frame) any { return asValue(f.dot) }
	case *parse.FieldNode:
		return fields(func(f *frame) any { return fieldOf(f.dot, n.Ident[0]) }, n.Ident[1:])
	case *parse.VariableNode:
		return c.variable(n)
	case *parse.ChainNode:
		return fields(c.operand(n.Node), n.Field)
	case *parse.PipeNode:
		if len(n.Decl) > 0 {
			panic(unsupported("a variable of a pipeline in parentheses, which may not be evaluated"))
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
	panic(unsupported("the operand %s", node))
}

func constant(value any) expression { return func(*frame) any { return value } }

// number is the value of a decimal integer.
func number(n *parse.NumberNode) int {
	i, err := strconv.Atoi(n.Text)
	if err != nil || !n.IsInt || int64(i) != n.Int64 {
		panic(unsupported("the number %s", n.Text))
	}
	return i
}

// variable compiles $x and $x.a.b. Of all variables, $ alone may be a record.
func (c *compiler) variable(n *parse.VariableNode) expression {
	slot := c.slot(n.Ident[0])
	switch {
	case len(n.Ident) > 1:
		return fields(func(f *frame) any { return fieldOf(f.vars[slot], n.Ident[1]) }, n.Ident[2:])
	case slot == 0:
		return func(f *frame) any { return asValue(f.vars[0]) }
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
