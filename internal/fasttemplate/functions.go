package fasttemplate

// function compiles a call by name.
func (c *compiler) function(name string, args []expression) expression {
	if name == "include" {
		return c.include(args)
	}
	function, found := c.funcs[name]
	if !found {
		return builtin(name, args)
	}
	for _, adapt := range []func(any, []expression) expression{ofOne, ofTwo, ofThree, ofAny} {
		if call := adapt(function, args); call != nil {
			return call
		}
	}
	panic(unsupported("the function %s of the type %T", name, function))
}

// include prints a template into a string.
func (c *compiler) include(args []expression) expression {
	name, data := pair(args)
	return func(f *frame) any {
		template, value := asString(name(f)), data(f)
		var out buffer
		f.call(template, value, &out, f.depth+1)
		return out.String()
	}
}

// Functions are called by what their types are. Below are the types of those that the chart calls: one of another type needs
// a line here, and one that writes to its arguments, as merge does, has no place here.

// ofOne calls functions of one argument; nil for others.
func ofOne(function any, args []expression) expression {
	switch call := function.(type) {
	case func(any) string:
		return unary(args, asIs, call)
	case func(any) bool:
		return unary(args, asIs, call)
	case func(any) int:
		return unary(args, asIs, call)
	case func(any) int64:
		return unary(args, asIs, call)
	case func(any) any:
		return unary(args, asIs, call)
	case func(any) []string:
		return unary(args, asIs, call)
	case func(any) []any:
		return unary(args, asIs, call)
	case func(any) float64:
		return unary(args, asIs, call)
	case func(string) string:
		return unary(args, asString, call)
	case func(string) int:
		return unary(args, asString, call)
	case func(string) (string, error):
		return unary(args, asString, func(text string) string {
			result, err := call(text)
			if err != nil {
				panic(err)
			}
			return result
		})
	case func(map[string]any) []any:
		return unary(args, asMap, call)
	}
	return nil
}

// ofTwo calls functions of two arguments; nil for others.
func ofTwo(function any, args []expression) expression {
	switch call := function.(type) {
	case func(string, string) string:
		return binary(args, asString, asString, call)
	case func(string, string) bool:
		return binary(args, asString, asString, call)
	case func(string, string) []string:
		return binary(args, asString, asString, call)
	case func(string, any) string:
		return binary(args, asString, asIs, call)
	case func(string, any) bool:
		return binary(args, asString, asIs, call)
	case func(int, string) string:
		return binary(args, asInt, asString, call)
	case func(int, any) [][]any:
		return binary(args, asInt, asIs, call)
	case func(any, any) bool:
		return binary(args, asIs, asIs, call)
	case func(any, any) int64:
		return binary(args, asIs, asIs, call)
	case func(any, any) []any:
		return binary(args, asIs, asIs, call)
	case func(map[string]any, string) bool:
		return binary(args, asMap, asString, call)
	case func(map[string]any, string) any:
		return binary(args, asMap, asString, call)
	case func(map[string]any, string) map[string]any:
		return binary(args, asMap, asString, call)
	}
	return nil
}

// ofThree calls functions of three arguments; nil for others.
func ofThree(function any, args []expression) expression {
	switch call := function.(type) {
	case func(string, string, string) string:
		return ternary(args, asString, asString, asString, call)
	case func(string, int, string) map[string]string:
		return ternary(args, asString, asInt, asString, call)
	case func(string, string, int) []string:
		return ternary(args, asString, asString, asInt, call)
	case func(map[string]any, string, any) map[string]any:
		return ternary(args, asMap, asString, asIs, call)
	case func(any, any, bool) any:
		return ternary(args, asIs, asIs, asBool, call)
	}
	return nil
}

// ofAny calls functions of any number of arguments; nil for others. Only those that return a list may keep their arguments.
func ofAny(function any, args []expression) expression {
	switch call := function.(type) {
	case func(...any) map[string]any:
		return func(f *frame) any {
			in := f.push(args)
			m := call(in...)
			f.pop(in)
			return m
		}
	case func(...any) string:
		return func(f *frame) any {
			in := f.push(args)
			text := call(in...)
			f.pop(in)
			return text
		}
	case func(any, ...any) any:
		first, rest := first(args)
		return func(f *frame) any {
			v := first(f)
			in := f.push(rest)
			value := call(v, in...)
			f.pop(in)
			return value
		}
	case func(...any) []any:
		return func(f *frame) any { return call(evaluate(f, args, asIs)...) }
	case func(...any) any:
		return func(f *frame) any { return call(evaluate(f, args, asIs)...) }
	case func(...any) int64:
		return func(f *frame) any { return call(evaluate(f, args, asIs)...) }
	case func(...map[string]any) []string:
		return func(f *frame) any { return call(evaluate(f, args, asMap)...) }
	case func(any, ...any) int64:
		first, rest := first(args)
		return func(f *frame) any { return call(first(f), evaluate(f, rest, asIs)...) }
	case func(any, ...any) []any:
		first, rest := first(args)
		return func(f *frame) any { return call(first(f), evaluate(f, rest, asIs)...) }
	case func(map[string]any, ...string) map[string]any:
		first, rest := first(args)
		return func(f *frame) any { return call(asMap(first(f)), evaluate(f, rest, asString)...) }
	}
	return nil
}

func first(args []expression) (first expression, rest []expression) {
	if len(args) == 0 {
		panic(unsupported("no arguments"))
	}
	return args[0], args[1:]
}

func evaluate[T any](f *frame, args []expression, convert func(any) T) []T {
	values := make([]T, len(args))
	for i, arg := range args {
		values[i] = convert(arg(f))
	}
	return values
}

func unary[A, R any](args []expression, asA func(any) A, call func(A) R) expression {
	a := only(args)
	return func(f *frame) any { return call(asA(a(f))) }
}

func binary[A, B, R any](args []expression, asA func(any) A, asB func(any) B, call func(A, B) R) expression {
	a, b := pair(args)
	return func(f *frame) any { return call(asA(a(f)), asB(b(f))) }
}

func ternary[A, B, C, R any](args []expression, asA func(any) A, asB func(any) B, asC func(any) C, call func(A, B, C) R) expression {
	wants(3, args)
	a, b, c := args[0], args[1], args[2]
	return func(f *frame) any { return call(asA(a(f)), asB(b(f)), asC(c(f))) }
}

func asIs(v any) any             { return v }
func asString(v any) string      { return as[string](v) }
func asInt(v any) int            { return as[int](v) }
func asBool(v any) bool          { return as[bool](v) }
func asMap(v any) map[string]any { return as[map[string]any](v) }

func as[T any](v any) T {
	t, ok := v.(T)
	if !ok {
		panic(unsupported("%T where %T is wanted", v, t))
	}
	return t
}
