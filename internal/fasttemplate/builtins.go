package fasttemplate

import (
	"cmp"
	"fmt"
)

// builtin compiles the functions of text/template itself.
func builtin(name string, args []expression) expression {
	switch name {
	case "and":
		return shortCircuit(args, false)
	case "or":
		return shortCircuit(args, true)
	case "not":
		a := only(args)
		return func(f *frame) any { return !isTrue(a(f)) }
	case "eq":
		a, b := pair(args)
		return func(f *frame) any { return equal(a(f), b(f)) }
	case "ne":
		a, b := pair(args)
		return func(f *frame) any { return !equal(a(f), b(f)) }
	case "lt":
		a, b := pair(args)
		return func(f *frame) any { return compare(a(f), b(f)) < 0 }
	case "le":
		a, b := pair(args)
		return func(f *frame) any { return compare(a(f), b(f)) <= 0 }
	case "gt":
		a, b := pair(args)
		return func(f *frame) any { return compare(a(f), b(f)) > 0 }
	case "ge":
		a, b := pair(args)
		return func(f *frame) any { return compare(a(f), b(f)) >= 0 }
	case "len":
		a := only(args)
		return func(f *frame) any { return length(a(f)) }
	case "index":
		a, b := pair(args)
		return func(f *frame) any { return at(a(f), b(f)) }
	case "print":
		return func(f *frame) any {
			in := f.push(args)
			text := fmt.Sprint(in...)
			f.pop(in)
			return text
		}
	case "printf":
		return formatted(args)
	}
	panic(unsupported("the function %s", name))
}

// only returns the argument of a function that takes a single one.
func only(args []expression) expression {
	wants(1, args)
	return args[0]
}

func pair(args []expression) (a, b expression) {
	wants(2, args)
	return args[0], args[1]
}

func wants(count int, args []expression) {
	if len(args) != count {
		panic(unsupported("%d arguments where %d are wanted", len(args), count))
	}
}

// shortCircuit returns the first value with the truth, else the last.
func shortCircuit(args []expression, truth bool) expression {
	if len(args) == 0 {
		panic(unsupported("no arguments"))
	}
	last := len(args) - 1
	return func(f *frame) any {
		for _, arg := range args[:last] {
			if v := arg(f); isTrue(v) == truth {
				return v
			}
		}
		return args[last](f)
	}
}

// equal compares strings, booleans and integers with their like, and with nil.
func equal(a, b any) bool {
	switch a := a.(type) {
	case nil:
		return equalNil(b)
	case string:
		if b, ok := b.(string); ok {
			return a == b
		}
	case bool:
		if b, ok := b.(bool); ok {
			return a == b
		}
	}
	if b == nil {
		return equalNil(a)
	}
	return compare(a, b) == 0
}

func equalNil(v any) bool {
	switch v.(type) {
	case nil:
		return true
	case string, bool, int, int64, float64:
		return false
	}
	panic(unsupported("%T compared to nil", v))
}

// compare orders integers, and floating-point numbers.
func compare(a, b any) int {
	if a, ok := a.(float64); ok {
		return cmp.Compare(a, as[float64](b))
	}
	return cmp.Compare(integer(a), integer(b))
}

func integer(v any) int64 {
	switch v := v.(type) {
	case int:
		return int64(v)
	case int64:
		return v
	}
	panic(unsupported("comparing %T", v))
}

func length(v any) int {
	switch v := v.(type) {
	case string:
		return len(v)
	case []any:
		return len(v)
	case []string:
		return len(v)
	case map[string]any:
		return len(v)
	}
	panic(unsupported("the length of %T", v))
}

// at is an item of a list or of a map.
func at(v, index any) any {
	switch items := v.(type) {
	case map[string]any:
		return items[asString(index)]
	case []any:
		return items[asInt(index)]
	case []string:
		return items[asInt(index)]
	}
	panic(unsupported("an index of %T", v))
}

func formatted(args []expression) expression {
	if len(args) == 0 {
		panic(unsupported("printf without arguments"))
	}
	format, operands := args[0], args[1:]
	return func(f *frame) any {
		layout, in := asString(format(f)), f.push(operands)
		text := fmt.Sprintf(layout, in...)
		f.pop(in)
		return text
	}
}
