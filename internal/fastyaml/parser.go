package fastyaml

import "strings"

// sink receives the content of a document in its order.
type sink interface {
	beginMap()
	key(string)
	endMap()
	beginList()
	endList()
	scalar(scalar)
}

// maxDepth bounds the nesting, so that no input exhausts the stack.
const maxDepth = 64

// parser walks over the lines of a text. Its methods return false for a text beyond the subset.
type parser struct {
	src   string // the lines not yet read
	sink  sink
	depth int

	// The current line: its indentation, and its text without indentation and trailing spaces. Blank lines and
	// comments are never current. At the end of the text the indentation is -1.
	indent      int
	text        string
	unprintable bool // a line has bytes that need the full decoder
}

const atEnd = -1

// parse reports the text to the sink. When it returns false, what the sink received is of no use.
func parse(src string, s sink) bool {
	p := parser{src: src, sink: s}
	p.next()
	if p.text == "---" && p.indent == 0 {
		p.next()
	}
	return p.indent != atEnd && p.block() && p.indent == atEnd && !p.unprintable
}

// next moves to the next line that has content.
func (p *parser) next() {
	for p.src != "" {
		line := p.src
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line, p.src = line[:i], p.src[i+1:]
		} else {
			p.src = ""
		}
		if !isPrintable(line) {
			p.unprintable, p.src = true, ""
			break
		}
		line = strings.TrimRight(line, " ")
		text := strings.TrimLeft(line, " ")
		if text != "" && text[0] != '#' {
			p.indent, p.text = len(line)-len(text), text
			return
		}
	}
	p.indent, p.text = atEnd, ""
}

// block reads the map or list that begins on the current line.
func (p *parser) block() bool {
	if p.depth++; p.depth > maxDepth {
		return false
	}
	defer func() { p.depth-- }()
	if isItem(p.text) {
		return p.list(p.indent)
	}
	return p.mapping(p.indent)
}

func (p *parser) mapping(indent int) bool {
	p.sink.beginMap()
	for p.indent == indent && !isItem(p.text) {
		key, rest, ok := splitKey(p.text)
		if !ok {
			return false
		}
		p.sink.key(key)
		if !p.value(indent, rest, true) {
			return false
		}
	}
	p.sink.endMap()
	return p.indent < indent || isItem(p.text) && p.indent == indent
}

func (p *parser) list(indent int) bool {
	p.sink.beginList()
	for p.indent == indent && isItem(p.text) {
		rest := strings.TrimLeft(p.text[1:], " ")
		if _, _, isMap := splitKey(rest); isMap || isItem(rest) {
			// A map or list that begins on the item's own line is indented by the dash and the spaces after it.
			p.indent += len(p.text) - len(rest)
			p.text = rest
			if !p.block() {
				return false
			}
			continue
		}
		if !p.value(indent, rest, false) {
			return false
		}
	}
	p.sink.endList()
	return p.indent <= indent
}

// value reads what follows a key or a dash: the rest of the line, or the deeper lines that follow. A key's list may be
// as deep as the key.
func (p *parser) value(indent int, rest string, ofKey bool) bool {
	if rest != "" && rest[0] != '#' {
		if !p.inline(rest) {
			return false
		}
		p.next()
		return p.indent <= indent // a deeper line would continue the scalar
	}
	p.next()
	if p.indent > indent || ofKey && p.indent == indent && isItem(p.text) {
		return p.block()
	}
	p.sink.scalar(scalar{kind: null})
	return true
}

func isItem(text string) bool {
	return text != "" && text[0] == '-' && (len(text) == 1 || text[1] == ' ')
}

// splitKey splits "key: rest". YAML wants keys to be short.
func splitKey(text string) (key, rest string, ok bool) {
	const maxKey = 512
	end := 0
	if text != "" && text[0] == '"' {
		key, end = quoted(text)
		ok = end > 0 && strings.IndexByte(text[:end], '\\') < 0
	} else {
		for end < len(text) && isKeyByte[text[end]] {
			end++
		}
		key = text[:end]
		ok = isUnquotedKey(key)
	}
	if !ok || end > maxKey || end == len(text) || text[end] != ':' || key == "<<" {
		return "", "", false
	}
	rest = text[end+1:]
	if rest != "" && rest[0] != ' ' {
		return "", "", false
	}
	return key, strings.TrimLeft(rest, " "), true
}
