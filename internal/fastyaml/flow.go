package fastyaml

// flow reads the collection or scalar at s[i:] inside of a flow collection, and returns where it ends.
func (p *parser) flow(s string, i int) (end int, ok bool) {
	i = skipSpaces(s, i)
	if i == len(s) {
		return 0, false
	}
	switch s[i] {
	case '[':
		p.sink.beginList()
		end, ok = p.flowItems(s, i, ']', p.flow)
		p.sink.endList()
		return end, ok
	case '{':
		p.sink.beginMap()
		end, ok = p.flowItems(s, i, '}', p.flowPair)
		p.sink.endMap()
		return end, ok
	case '"', '\'':
		value, n := quoted(s[i:])
		if n == 0 {
			return 0, false
		}
		p.sink.scalar(scalar{text, value})
		return i + n, true
	}
	return p.flowUnquoted(s, i)
}

// flowItems reads items between s[i] and the closing bracket.
func (p *parser) flowItems(s string, i int, closing byte, item func(string, int) (int, bool)) (end int, ok bool) {
	if p.depth++; p.depth > maxDepth {
		return 0, false
	}
	defer func() { p.depth-- }()
	if i = skipSpaces(s, i+1); i < len(s) && s[i] == closing {
		return i + 1, true
	}
	for {
		if i, ok = item(s, i); !ok {
			return 0, false
		}
		if i = skipSpaces(s, i); i == len(s) {
			return 0, false
		}
		switch s[i] {
		case closing:
			return i + 1, true
		case ',':
			i++
		default:
			return 0, false
		}
	}
}

func (p *parser) flowPair(s string, i int) (end int, ok bool) {
	i = skipSpaces(s, i)
	start := i
	if i < len(s) && s[i] == '"' {
		key, n := quoted(s[i:])
		if i += n; n == 0 || i == len(s) || s[i] != ':' || key == "<<" {
			return 0, false
		}
		p.sink.key(key)
		return p.flow(s, i+1)
	}
	for i < len(s) && isKeyByte[s[i]] {
		i++
	}
	if !isUnquotedKey(s[start:i]) || i+1 >= len(s) || s[i] != ':' || s[i+1] != ' ' {
		return 0, false
	}
	p.sink.key(s[start:i])
	return p.flow(s, i+1)
}

func (p *parser) flowUnquoted(s string, i int) (end int, ok bool) {
	start := i
	if c := s[i]; !isLetter(c) && !isDigit(c) && c != '_' && c != '/' {
		return 0, false
	}
	for i < len(s) && isFlowByte[s[i]] {
		i++
	}
	value, ok := resolve(s[start:i])
	if ok {
		p.sink.scalar(value)
	}
	return i, ok
}

func skipSpaces(s string, i int) int {
	for i < len(s) && s[i] == ' ' {
		i++
	}
	return i
}
