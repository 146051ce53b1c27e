package fasttemplate

import (
	"bytes"
	"fmt"
	"reflect"
)

// function compiles a call by name. Functions with a common signature are called as what they are, others by
// reflection.
func (c *compiler) function(name string, args []expression) expression {
	function, given := c.funcs[name]
	args = guarded(name, args)
	switch {
	case name == "include":
		return c.include(args)
	case name == "tpl":
		panic(notPlain("tpl")) // defines templates while others execute
	case !given:
		return builtin(name, args)
	}
	if call := direct(function, args); call != nil {
		return call
	}
	if call := directWithMap(function, args); call != nil {
		return call
	}
	if call := variadic(function, args); call != nil {
		return call
	}
	return reflected(reflect.ValueOf(function), args)
}

// include prints a template into a string.
func (c *compiler) include(args []expression) expression {
	name, data := two(args)
	return func(f *frame) any {
		template, value := asString(name(f)), data(f)
		var out bytes.Buffer
		f.call(template, value, &out, f.depth+1)
		return out.String()
	}
}

func asString(v any) string {
	s, ok := v.(string)
	if !ok {
		panic(notPlain("%T where a string is wanted", v))
	}
	return s
}

func asInt(v any) int {
	i, ok := v.(int)
	if !ok {
		panic(notPlain("%T where an int is wanted", v))
	}
	return i
}

// direct calls functions of strings, numbers and anything; nil for others.
func direct(function any, args []expression) expression {
	switch call := function.(type) {
	case func(any) string:
		a := one(args)
		return func(f *frame) any { return call(a(f)) }
	case func(any) bool:
		a := one(args)
		return func(f *frame) any { return call(a(f)) }
	case func(any) int:
		a := one(args)
		return func(f *frame) any { return call(a(f)) }
	case func(string) string:
		a := one(args)
		return func(f *frame) any { return call(asString(a(f))) }
	case func(string, string) string:
		a, b := two(args)
		return func(f *frame) any { return call(asString(a(f)), asString(b(f))) }
	case func(string, string) bool:
		a, b := two(args)
		return func(f *frame) any { return call(asString(a(f)), asString(b(f))) }
	case func(string, string) []string:
		a, b := two(args)
		return func(f *frame) any { return call(asString(a(f)), asString(b(f))) }
	case func(string, any) string:
		a, b := two(args)
		return func(f *frame) any { return call(asString(a(f)), b(f)) }
	case func(string, any) bool:
		a, b := two(args)
		return func(f *frame) any { return call(asString(a(f)), b(f)) }
	case func(int, string) string:
		a, b := two(args)
		return func(f *frame) any { return call(asInt(a(f)), asString(b(f))) }
	case func(any, any) bool:
		a, b := two(args)
		return func(f *frame) any { return call(a(f), b(f)) }
	case func(any, any) []any:
		a, b := two(args)
		return func(f *frame) any { return call(a(f), b(f)) }
	}
	return nil
}

// directWithMap calls functions of maps; nil for others.
func directWithMap(function any, args []expression) expression {
	switch call := function.(type) {
	case func(map[string]any, string) bool:
		a, b := two(args)
		return func(f *frame) any { return call(stringMap(a(f)), asString(b(f))) }
	case func(map[string]any, string) any:
		a, b := two(args)
		return func(f *frame) any { return call(stringMap(a(f)), asString(b(f))) }
	case func(map[string]any, string) map[string]any:
		a, b := two(args)
		return func(f *frame) any { return call(stringMap(a(f)), asString(b(f))) }
	case func(map[string]any, string, any) map[string]any:
		if len(args) != 3 {
			panic(notPlain("%d arguments where three are wanted", len(args)))
		}
		a, b, c := args[0], args[1], args[2]
		return func(f *frame) any {
			m, key := stringMap(a(f)), asString(b(f))
			return call(m, key, c(f))
		}
	case func(any, any, bool) any:
		if len(args) != 3 {
			panic(notPlain("%d arguments where three are wanted", len(args)))
		}
		a, b, c := args[0], args[1], args[2]
		return func(f *frame) any {
			yes, no := a(f), b(f)
			condition, ok := c(f).(bool)
			if !ok {
				panic(notPlain("a condition that is no bool"))
			}
			return call(yes, no, condition)
		}
	}
	return nil
}

// variadic calls functions of any number of values; nil for others. Of these, only those that return a list may keep
// their arguments.
func variadic(function any, args []expression) expression {
	switch call := function.(type) {
	case func(...any) map[string]any:
		return func(f *frame) any {
			in := f.push(args)
			m := call(in...)
			f.pop(in)
			f.guard.noteMade(f.execution, m)
			return m
		}
	case func(...any) []any:
		return func(f *frame) any { return call(evaluate(f, args)...) }
	case func(...any) string:
		return func(f *frame) any {
			in := f.push(args)
			text := call(in...)
			f.pop(in)
			return text
		}
	case func(...any) any:
		return func(f *frame) any {
			in := f.push(args)
			value := call(in...)
			f.pop(in)
			return value
		}
	case func(any, ...any) any:
		if len(args) == 0 {
			panic(notPlain("no arguments"))
		}
		a, rest := args[0], args[1:]
		return func(f *frame) any {
			first := a(f)
			in := f.push(rest)
			value := call(first, in...)
			f.pop(in)
			return value
		}
	}
	return nil
}

// reflected calls any function whose parameters take the values as they are. A nil goes to parameters of type any alone.
func reflected(function reflect.Value, args []expression) expression {
	signature := function.Type()
	fixed := signature.NumIn()
	if signature.IsVariadic() {
		fixed--
	}
	if len(args) < fixed || len(args) > fixed && !signature.IsVariadic() {
		panic(notPlain("%d arguments of %v", len(args), signature))
	}
	return func(f *frame) any {
		in := make([]reflect.Value, len(args))
		for i, arg := range args {
			parameter := signature.In(min(i, signature.NumIn()-1))
			if i >= fixed {
				parameter = parameter.Elem()
			}
			in[i] = argument(arg(f), parameter)
		}
		out := function.Call(in)
		if len(out) == 2 && !out[1].IsNil() {
			panic(fmt.Errorf("%w: %w", ErrFailed, out[1].Interface().(error)))
		}
		return out[0].Interface()
	}
}

func argument(v any, parameter reflect.Type) reflect.Value {
	if v == nil {
		if parameter.Kind() != reflect.Interface {
			panic(notPlain("nil where %v is wanted", parameter))
		}
		return reflect.Zero(parameter)
	}
	value := reflect.ValueOf(v)
	if !value.Type().AssignableTo(parameter) {
		panic(notPlain("%v where %v is wanted", value.Type(), parameter))
	}
	return value
}
