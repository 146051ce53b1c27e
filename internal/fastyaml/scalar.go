package fastyaml

import (
	"strconv"
	"strings"
)

type kind byte

const (
	text kind = iota
	integer
	boolean
	null
)

// scalar is a value that is no collection. Its text is without quotes and escapes; of an integer the decimal digits.
type scalar struct {
	kind kind
	text string
}

// isPrintable accepts the bytes that need no decoding: printable ASCII.
func isPrintable(line string) bool {
	for i := range len(line) {
		if line[i] < ' ' || line[i] > '~' {
			return false
		}
	}
	return true
}

var (
	isKeyByte  = byteSet("_./-")
	isFlowByte = byteSet("_./-@=~+")
)

// byteSet holds letters, digits and more.
func byteSet(more string) (set [256]bool) {
	for c := range set {
		letter := c|0x20 >= 'a' && c|0x20 <= 'z'
		digit := c >= '0' && c <= '9'
		set[c] = letter || digit || strings.IndexByte(more, byte(c)) >= 0
	}
	return set
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return c >= '0' && c <= '9' }

// isUnquotedKey accepts keys that are strings without quotes. Map keys such as 1 and yes are numbers and booleans in YAML.
func isUnquotedKey(key string) bool {
	if key == "" || !isLetter(key[0]) && key[0] != '_' && key[0] != '/' {
		return false
	}
	s, ok := resolve(key)
	return ok && s.kind == text
}

// inline reads the scalar or the flow collection on the rest of a line, and allows a comment after it.
func (p *parser) inline(rest string) bool {
	switch rest[0] {
	case '"', '\'':
		value, end := quoted(rest)
		if end == 0 || !isCommentOrNothing(rest[end:]) {
			return false
		}
		p.sink.scalar(scalar{text, value})
		return true
	case '[', '{':
		end, ok := p.flow(rest, 0)
		return ok && isCommentOrNothing(rest[end:])
	}
	return p.unquoted(rest)
}

func isCommentOrNothing(rest string) bool {
	trimmed := strings.TrimLeft(rest, " ")
	return trimmed == "" || trimmed[0] == '#' && len(trimmed) < len(rest)
}

// unquoted reads a scalar without quotes.
func (p *parser) unquoted(rest string) bool {
	if i := strings.Index(rest, " #"); i >= 0 {
		rest = strings.TrimRight(rest[:i], " ")
	}
	if c := rest[0]; !isLetter(c) && !isDigit(c) && c != '_' && c != '/' && rest != "." {
		return false // an indicator, or a sign or dot that may begin a number
	}
	if rest[len(rest)-1] == ':' || strings.Contains(rest, ": ") {
		return false // a map where a scalar should be
	}
	s, ok := resolve(rest)
	if ok {
		p.sink.scalar(s)
	}
	return ok
}

// quoted returns the text of the quoted scalar that s begins with, and where it ends; 0 when the full decoder has to read it.
func quoted(s string) (value string, end int) {
	quote := s[0]
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == quote && quote == '\'' && i+1 < len(s) && s[i+1] == quote:
			return "", 0 // an escaped quote
		case s[i] == quote:
			return s[1:i], i + 1
		case s[i] == '\\' && quote == '"':
			return escaped(s)
		}
	}
	return "", 0
}

// escaped reads a double-quoted scalar with escapes: those that JSON and YAML have in common.
func escaped(s string) (value string, end int) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), i + 1
		case s[i] != '\\':
			b.WriteByte(s[i])
		default:
			c, n := unescape(s[i+1:])
			if n == 0 {
				return "", 0
			}
			b.WriteByte(c)
			i += n
		}
	}
	return "", 0
}

func unescape(s string) (c byte, n int) {
	if s == "" {
		return 0, 0
	}
	switch s[0] {
	case '"', '\\':
		return s[0], 1
	case 'n':
		return '\n', 1
	case 't':
		return '\t', 1
	case 'r':
		return '\r', 1
	case 'u':
		if len(s) < 5 {
			return 0, 0
		}
		code, err := strconv.ParseUint(s[1:5], 16, 16)
		if err != nil || code < ' ' || code > '~' {
			return 0, 0
		}
		return byte(code), 5
	}
	return 0, 0
}

// resolve tells what a scalar without quotes is. Where YAML's rules for numbers, dates and words get involved, it
// leaves the answer to the full decoder.
func resolve(s string) (scalar, bool) {
	if isDigit(s[0]) {
		return resolveDigits(s)
	}
	switch s {
	case "true", "false":
		return scalar{boolean, s}, true
	case "null":
		return scalar{kind: null}, true
	}
	if len(s) <= len("False") {
		switch strings.ToLower(s) {
		case "y", "n", "yes", "no", "on", "off", "true", "false", "null":
			return scalar{}, false
		}
	}
	return scalar{text, s}, true
}

func resolveDigits(s string) (scalar, bool) {
	const exactDigits = 15 // a float64 holds them all
	digits := 0
	for digits < len(s) && isDigit(s[digits]) {
		digits++
	}
	switch {
	case digits == len(s) && (s[0] != '0' || digits == 1) && digits <= exactDigits:
		return scalar{integer, s}, true
	case digits == len(s), digits == 4 && s[digits] == '-':
		return scalar{}, false // octal, large, or a date
	case strings.IndexByte(s, '/') > 0, isDotted(s), isDuration(s):
		return scalar{text, s}, true
	}
	return scalar{}, false
}

// isDotted accepts IPv4 addresses: more dots than a number has.
func isDotted(s string) bool {
	dots := 0
	for i := range len(s) {
		if s[i] == '.' {
			dots++
		} else if !isDigit(s[i]) {
			return false
		}
	}
	return dots > 1
}

// isDuration accepts 30s and 5m: a unit that no notation of numbers ends in.
func isDuration(s string) bool {
	last := s[len(s)-1]
	return last == 's' || last == 'm'
}
