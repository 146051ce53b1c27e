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
		a := one(args)
		return func(f *frame) any { return !isTrue(a(f)) }
	case "eq":
		return equals(args)
	case "ne":
		a, b := two(args)
		return func(f *frame) any { return !equal(a(f), b(f)) }
	case "lt":
		return comparison(args, func(order int) bool { return order < 0 })
	case "le":
		return comparison(args, func(order int) bool { return order <= 0 })
	case "gt":
		return comparison(args, func(order int) bool { return order > 0 })
	case "ge":
		return comparison(args, func(order int) bool { return order >= 0 })
	case "len":
		a := one(args)
		return func(f *frame) any { return length(a(f)) }
	case "index":
		return indexed(args)
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
	panic(notPlain("the function %s", name))
}

func one(args []expression) expression {
	if len(args) != 1 {
		panic(notPlain("%d arguments where one is wanted", len(args)))
	}
	return args[0]
}

func two(args []expression) (a, b expression) {
	if len(args) != 2 {
		panic(notPlain("%d arguments where two are wanted", len(args)))
	}
	return args[0], args[1]
}

func evaluate(f *frame, args []expression) []any {
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = arg(f)
	}
	return values
}

// shortCircuit returns the first value with the truth, else the last.
func shortCircuit(args []expression, truth bool) expression {
	if len(args) == 0 {
		panic(notPlain("no arguments"))
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

func equals(args []expression) expression {
	if len(args) == 2 {
		return func(f *frame) any { return equal(args[0](f), args[1](f)) }
	}
	if len(args) < 2 {
		panic(notPlain("too few arguments of eq"))
	}
	return func(f *frame) any {
		values := evaluate(f, args)
		for _, v := range values[1:] {
			if equal(values[0], v) {
				return true
			}
		}
		return false
	}
}

// equal compares basic values of one kind, and nil to them.
func equal(a, b any) bool {
	if a == nil || b == nil {
		return equalNil(a, b)
	}
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return a == b
		}
	case bool:
		if b, ok := b.(bool); ok {
			return a == b
		}
	case float64:
		if b, ok := b.(float64); ok {
			return a == b
		}
	}
	x, isInt := integer(a)
	y, alsoInt := integer(b)
	if !isInt || !alsoInt {
		panic(notPlain("%T compared to %T", a, b))
	}
	return x == y
}

func equalNil(a, b any) bool {
	for _, v := range []any{a, b} {
		switch v.(type) {
		case nil, string, bool, int, int64, float64:
		default:
			panic(notPlain("%T compared to nil", v))
		}
	}
	return a == b
}

func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	}
	return 0, false
}

func comparison(args []expression, holds func(order int) bool) expression {
	a, b := two(args)
	return func(f *frame) any { return holds(compare(a(f), b(f))) }
}

func compare(a, b any) int {
	if x, ok := a.(string); ok {
		if y, ok := b.(string); ok {
			return cmp.Compare(x, y)
		}
	}
	x, isInt := integer(a)
	y, alsoInt := integer(b)
	if !isInt || !alsoInt {
		panic(notPlain("%T compared to %T", a, b))
	}
	return cmp.Compare(x, y)
}

func length(v any) int {
	if s, ok := v.(string); ok {
		return len(s)
	}
	if items, ok := list(v); ok {
		return len(items)
	}
	return len(stringMap(v))
}

func indexed(args []expression) expression {
	if len(args) == 0 {
		panic(notPlain("index without arguments"))
	}
	item, indexes := args[0], args[1:]
	return func(f *frame) any {
		v := item(f)
		if v == nil {
			panic(notPlain("index of nil"))
		}
		for _, index := range indexes {
			v = at(v, index(f))
		}
		return v
	}
}

func at(v, index any) any {
	if items, ok := list(v); ok {
		i, ok := index.(int)
		if !ok || i < 0 || i >= len(items) {
			panic(notPlain("index %v of a list of %d", index, len(items)))
		}
		return items[i]
	}
	key, ok := index.(string)
	if !ok {
		panic(notPlain("index %v of a %T", index, v))
	}
	return stringMap(v)[key]
}

func formatted(args []expression) expression {
	if len(args) == 0 {
		panic(notPlain("printf without arguments"))
	}
	format, operands := args[0], args[1:]
	return func(f *frame) any {
		layout, in := asString(format(f)), f.push(operands)
		text := fmt.Sprintf(layout, in...)
		f.pop(in)
		return text
	}
}
