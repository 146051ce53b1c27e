package position

import (
	"bytes"
	"unicode/utf8"
)

// SecondDocument returns where the second YAML document of a file begins; the zero Position when there is none. Comments
// and separators alone are no document.
func SecondDocument(data []byte) Position {
	var content, separated bool
	line := 0
	for text := range bytes.Lines(data) {
		line++
		text = bytes.TrimRight(text, " \t\r\n")
		begin := bytes.TrimLeft(text, " \t")
		if after, ok := bytes.CutPrefix(text, []byte("---")); ok && (len(after) == 0 || after[0] == ' ' || after[0] == '\t') {
			separated = content
			begin = bytes.TrimLeft(after, " \t")
		}
		switch {
		case len(begin) == 0, begin[0] == '#', bytes.Equal(text, []byte("...")):
		case separated:
			return Position{Line: line, Column: utf8.RuneCount(text) - utf8.RuneCount(begin) + 1}
		default:
			content = true
		}
	}
	return Position{}
}
