package position

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/internal/words"
)

// Segment is one step of a Path: a map key, or the index of a list item.
type Segment struct {
	Key   string
	Index int
	List  bool // Index counts, not Key
}

// Path leads to a value, as in externalNameServices[1].tls.mode.
type Path []Segment

// Key returns the segment of a map key.
func Key(key string) Segment { return Segment{Key: key} }

// Index returns the segment of a list item, counted from 0.
func Index(i int) Segment { return Segment{Index: i, List: true} }

// ParsePath reads a path as the chart writes it: dots between keys, [1] for list items and ["a.b/c"] for keys
// with other characters than letters, digits, "_" and "-". An empty string is the root.
func ParsePath(text string) (Path, error) {
	var path Path
	rest := text
	for rest != "" {
		segment, after, err := nextSegment(rest)
		if err != nil {
			return nil, fmt.Errorf("values path %q: %w", text, err)
		}
		path = append(path, segment)
		rest = strings.TrimPrefix(after, ".")
	}
	return path, nil
}

func nextSegment(text string) (Segment, string, error) {
	if strings.HasPrefix(text, `["`) {
		quoted, err := strconv.QuotedPrefix(text[1:])
		if err != nil {
			return Segment{}, "", err
		}
		key, err := strconv.Unquote(quoted)
		if err != nil {
			return Segment{}, "", err
		}
		rest, closed := strings.CutPrefix(text[1+len(quoted):], "]")
		if !closed {
			return Segment{}, "", fmt.Errorf("no ] after %s", quoted)
		}
		return Key(key), rest, nil
	}
	if inside, ok := strings.CutPrefix(text, "["); ok {
		number, rest, closed := strings.Cut(inside, "]")
		index, err := strconv.Atoi(number)
		if !closed || err != nil || index < 0 {
			return Segment{}, "", fmt.Errorf("%q is not a list index", text)
		}
		return Index(index), rest, nil
	}
	end := strings.IndexAny(text, ".[")
	if end < 0 {
		end = len(text)
	}
	return Key(text[:end]), text[end:], nil
}

// String writes the path as ParsePath reads it.
func (p Path) String() string {
	var text strings.Builder
	for _, segment := range p {
		switch {
		case segment.List:
			fmt.Fprintf(&text, "[%d]", segment.Index)
		case !simpleKey(segment.Key):
			fmt.Fprintf(&text, "[%q]", shownKey(segment.Key))
		default:
			if text.Len() > 0 {
				text.WriteByte('.')
			}
			text.WriteString(segment.Key)
		}
	}
	return text.String()
}

// shownKey is a key as messages have it: what nobody should read in a log is named, and found again by that name.
func shownKey(key string) string {
	if secret := words.Secret(key); secret != "" {
		return fmt.Sprintf("(a %s, not shown)", secret)
	}
	return key
}

// simpleKey tells whether a path has the key without quotes.
func simpleKey(key string) bool {
	for _, char := range key {
		switch {
		case char >= 'a' && char <= 'z', char >= 'A' && char <= 'Z', char >= '0' && char <= '9', char == '_', char == '-':
		default:
			return false
		}
	}
	return key != ""
}

// Compare orders paths by their keys, and by the numbers of list items.
func (p Path) Compare(other Path) int {
	for i := range min(len(p), len(other)) {
		a, b := p[i], other[i]
		if order := cmp.Or(a.Index-b.Index, strings.Compare(a.Key, b.Key)); a.List == b.List && order != 0 {
			return order
		}
	}
	return len(p) - len(other)
}

// Within reports whether the path is prefix, or lies below it.
func (p Path) Within(prefix Path) bool {
	if len(p) < len(prefix) {
		return false
	}
	for i, segment := range prefix {
		if p[i] != segment {
			return false
		}
	}
	return true
}

// Join returns the path with the segments after it, without touching p.
func (p Path) Join(segments ...Segment) Path {
	return append(p[:len(p):len(p)], segments...)
}
