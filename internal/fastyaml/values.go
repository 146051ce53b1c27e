package fastyaml

import "strconv"

// Values decodes a text into maps, lists, strings, float64, booleans and nil. It leaves texts with a key that is given twice to
// the full decoder.
func Values(src string) (value any, ok bool) {
	var b builder
	if !parse(src, &b) || b.twice {
		return nil, false
	}
	return b.root, true
}

// builder is a sink that builds Go values.
type builder struct {
	root  any
	stack []frame
	twice bool // a key is
}

// frame is a collection that is being filled.
type frame struct {
	fields map[string]any // nil for a list
	key    string
	items  []any
}

func (b *builder) beginMap()  { b.stack = append(b.stack, frame{fields: map[string]any{}}) }
func (b *builder) beginList() { b.stack = append(b.stack, frame{items: []any{}}) }

func (b *builder) key(key string) { b.stack[len(b.stack)-1].key = key }

func (b *builder) endMap()  { b.add(b.pop().fields) }
func (b *builder) endList() { b.add(b.pop().items) }

func (b *builder) pop() frame {
	top := b.stack[len(b.stack)-1]
	b.stack = b.stack[:len(b.stack)-1]
	return top
}

func (b *builder) add(value any) {
	if len(b.stack) == 0 {
		b.root = value
		return
	}
	top := &b.stack[len(b.stack)-1]
	if top.fields != nil {
		before := len(top.fields)
		top.fields[top.key] = value
		b.twice = b.twice || len(top.fields) == before
	} else {
		top.items = append(top.items, value)
	}
}

func (b *builder) scalar(s scalar) {
	switch s.kind {
	case text:
		b.add(s.text)
	case boolean:
		b.add(s.text == "true")
	case null:
		b.add(nil)
	case integer:
		number, _ := strconv.ParseFloat(s.text, 64) // 15 digits at most
		b.add(number)
	}
}
