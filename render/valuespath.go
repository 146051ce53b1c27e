package render

import (
	"regexp"
	"strconv"
	"strings"
)

// valuesPath leads to a value: keys of maps and indices of lists.
type valuesPath []any // string or int

var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

// String writes the path as findings do: externalNameServices[1].tls.mode, commonLabels["a.b/c"].
func (p valuesPath) String() string {
	var b strings.Builder
	for _, step := range p {
		key, isKey := step.(string)
		switch {
		case !isKey:
			b.WriteString("[" + strconv.Itoa(step.(int)) + "]")
		case !plainKey.MatchString(key):
			b.WriteString("[" + strconv.Quote(key) + "]")
		default:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(key)
		}
	}
	return b.String()
}

// with returns the path of a part of the value.
func (p valuesPath) with(step any) valuesPath {
	return append(p[:len(p):len(p)], step)
}

// compare orders paths by their keys, and by the numbers of list items.
func (p valuesPath) compare(q valuesPath) int {
	for i := range min(len(p), len(q)) {
		a, aIsIndex := p[i].(int)
		b, bIsIndex := q[i].(int)
		switch {
		case aIsIndex && bIsIndex && a != b:
			return a - b
		case !aIsIndex && !bIsIndex && p[i] != q[i]:
			return strings.Compare(p[i].(string), q[i].(string))
		}
	}
	return len(p) - len(q)
}

// pathTo reads the steps of a JSON pointer: the same step is an index in a list and a key in a map.
func pathTo(values any, steps []string) valuesPath {
	path := make(valuesPath, 0, len(steps))
	for _, step := range steps {
		switch v := values.(type) {
		case []any:
			if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(v) {
				path, values = append(path, i), v[i]
				continue
			}
		case map[string]any:
			path, values = append(path, step), v[step]
			continue
		}
		path, values = append(path, step), nil
	}
	return path
}

// blank sets the value at the path to null. List items keep their numbers.
func blank(values any, path valuesPath) {
	for i, step := range path {
		last := i == len(path)-1
		switch v := values.(type) {
		case []any:
			index, ok := step.(int)
			if !ok || index >= len(v) {
				return
			}
			if values = v[index]; last {
				v[index] = nil
			}
		case map[string]any:
			key, ok := step.(string)
			if !ok {
				return
			}
			if _, exists := v[key]; !exists {
				return
			}
			if values = v[key]; last {
				v[key] = nil
			}
		default:
			return
		}
	}
}

// blankValues blanks the values that the schema refuses.
func blankValues(values map[string]any, problems []schemaProblem) {
	for _, p := range problems {
		if p.blank {
			blank(values, p.at)
		}
	}
}

// blankEntries blanks the entries that have any problem: externalNameServices[1] for externalNameServices[1].tls.mode.
func blankEntries(values map[string]any, problems []schemaProblem) {
	const entryDepth = 2
	for _, p := range problems {
		blank(values, p.at[:min(len(p.at), entryDepth)])
	}
}
