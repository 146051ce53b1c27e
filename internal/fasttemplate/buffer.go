package fasttemplate

import (
	"strconv"
	"strings"
)

// buffer is what templates print into. Its text is handed over without a copy, which for megabytes of output counts.
type buffer struct{ text strings.Builder }

func (b *buffer) writeString(s string) {
	b.reserve(len(s))
	b.text.WriteString(s)
}

func (b *buffer) writeInt(i int64) {
	var digits [20]byte
	text := strconv.AppendInt(digits[:0], i, 10)
	b.reserve(len(text))
	b.text.Write(text)
}

func (b *buffer) String() string { return b.text.String() }

// reserve doubles the memory when there is no room, where a Builder by itself adds a quarter, and copies more often.
func (b *buffer) reserve(n int) {
	if b.text.Len()+n > b.text.Cap() {
		b.text.Grow(n)
	}
}
