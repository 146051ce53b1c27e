package fasttemplate

import (
	"slices"
	"text/template/parse"
)

// record is the dict that a template is called with, {{ template "name" (dict "key" .value) }}. Most templates only read
// its fields: no map is made for it until one wants more. It lives as long as the call.
type record struct {
	keys   []string
	values []any
	dict   map[string]any // once something has seen the map
}

func (r *record) get(key string) any {
	if r.dict != nil {
		return r.dict[key]
	}
	if i := slices.Index(r.keys, key); i >= 0 {
		return r.values[i]
	}
	return nil
}

func (r *record) asMap() map[string]any {
	if r.dict == nil {
		r.dict = make(map[string]any, len(r.keys))
		for i, key := range r.keys {
			r.dict[key] = r.values[i]
		}
	}
	return r.dict
}

// asValue is the dot as functions and variables see it.
func asValue(dot any) any {
	if r, ok := dot.(*record); ok {
		return r.asMap()
	}
	return dot
}

// dictLiteral returns the keys and values of a call of dict whose keys are different constants.
func dictLiteral(command *parse.CommandNode) (keys []string, values []parse.Node, ok bool) {
	function, isFunction := command.Args[0].(*parse.IdentifierNode)
	if !isFunction || function.Ident != "dict" || len(command.Args)%2 == 0 {
		return nil, nil, false
	}
	for i := 1; i < len(command.Args); i += 2 {
		key, isText := command.Args[i].(*parse.StringNode)
		if !isText || slices.Contains(keys, key.Text) {
			return nil, nil, false
		}
		keys, values = append(keys, key.Text), append(values, command.Args[i+1])
	}
	return keys, values, true
}

// onlyCommand returns the command of a pipe that is nothing but one command, in parentheses or not.
func onlyCommand(pipe *parse.PipeNode) (*parse.CommandNode, bool) {
	if len(pipe.Cmds) != 1 || len(pipe.Decl) > 0 {
		return nil, false
	}
	command := pipe.Cmds[0]
	if inner, ok := command.Args[0].(*parse.PipeNode); ok && len(command.Args) == 1 {
		return onlyCommand(inner)
	}
	return command, true
}

// call compiles the call of a template.
func (c *compiler) call(n *parse.TemplateNode) statement {
	callee := c.set.templates[n.Name]
	if callee == nil {
		panic(unsupported("the template %q, which there is not", n.Name))
	}
	if n.Pipe == nil {
		panic(unsupported("the template %q without data", n.Name))
	}
	command, only := onlyCommand(n.Pipe)
	if only {
		if keys, nodes, ok := dictLiteral(command); ok {
			return callWithRecord(callee, keys, c.operands(nodes))
		}
	}
	value := func(f *frame) any { return f.dot }
	if !only || !isDot(command) {
		value = c.pipeline(n.Pipe)
	}
	return func(f *frame) bool {
		data := value(f)
		f.enter(callee, f.out, f.depth+1).run(callee, data)
		return false
	}
}

// isDot tells whether a command is the dot alone, which a template may hand on as it is.
func isDot(command *parse.CommandNode) bool {
	_, dot := command.Args[0].(*parse.DotNode)
	return dot && len(command.Args) == 1
}

func callWithRecord(callee *compiled, keys []string, args []expression) statement {
	return func(f *frame) bool {
		values := f.push(args)
		inner := f.enter(callee, f.out, f.depth+1)
		inner.record = record{keys: keys, values: values}
		inner.run(callee, &inner.record)
		f.pop(values)
		return false
	}
}
