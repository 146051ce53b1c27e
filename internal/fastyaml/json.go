package fastyaml

import "strconv"

// JSON converts a text to JSON. Keys that occur twice occur twice in the result, for a strict decoder to refuse.
func JSON(src string) (data []byte, ok bool) {
	w := writer{out: make([]byte, 0, len(src)+len(src)/4)}
	if !parse(src, &w) {
		return nil, false
	}
	return w.out, true
}

// writer is a sink that writes JSON.
type writer struct {
	out     []byte
	follows bool // a value came before in this collection: a comma is due
}

func (w *writer) value() {
	if w.follows {
		w.out = append(w.out, ',')
	}
}

func (w *writer) beginMap()  { w.begin('{') }
func (w *writer) endMap()    { w.end('}') }
func (w *writer) beginList() { w.begin('[') }
func (w *writer) endList()   { w.end(']') }

func (w *writer) begin(bracket byte) {
	w.value()
	w.out = append(w.out, bracket)
	w.follows = false
}

func (w *writer) end(bracket byte) {
	w.out = append(w.out, bracket)
	w.follows = true
}

func (w *writer) key(key string) {
	w.value()
	w.out = append(quoteJSON(w.out, key), ':')
	w.follows = false
}

func (w *writer) scalar(s scalar) {
	w.value()
	switch s.kind {
	case text:
		w.out = quoteJSON(w.out, s.text)
	case null:
		w.out = append(w.out, "null"...)
	default:
		w.out = append(w.out, s.text...)
	}
	w.follows = true
}

// quoteJSON appends a string of printable ASCII and the escapes of this package, which Go quotes as JSON does.
func quoteJSON(out []byte, s string) []byte {
	return strconv.AppendQuote(out, s)
}
