package position

import (
	"sort"
	"strings"

	"go.yaml.in/yaml/v4"
)

// LastLine returns the last line of the outermost key with its value, or list item, that begins on the line; 0 when
// none does.
func (f *File) LastLine(line int) int {
	if f.root == nil {
		return 0
	}
	return lastLine(f.root, line, 1<<62)
}

// lastLine searches below parent, which ends before the line end.
func lastLine(parent *yaml.Node, line, end int) int {
	step := 1
	switch parent.Kind {
	case yaml.MappingNode:
		step = 2
	case yaml.SequenceNode:
	default:
		return 0
	}
	children := len(parent.Content) / step
	first := func(i int) *yaml.Node { return parent.Content[i*step] }
	// The last child that begins at or before the line. Children are in the order of the file.
	at := sort.Search(children, func(i int) bool { return first(i).Line > line }) - 1
	if at < 0 {
		return 0
	}
	for at > 0 && first(at-1).Line == line { // several on one line: the first begins there
		at--
	}
	until := end
	for next := at + 1; next < children; next++ {
		if first(next).Line > line {
			until = first(next).Line
			break
		}
	}
	if first(at).Line == line {
		return until - 1
	}
	return lastLine(parent.Content[at*step+step-1], line, until)
}

// Scalar is a string of the file.
type Scalar struct {
	Value string
	From  int // the line on which its text can begin
}

// Scalars returns the strings that contain the text.
func (f *File) Scalars(text string) []Scalar {
	var found []Scalar
	var visit func(*yaml.Node)
	visit = func(node *yaml.Node) {
		if node.Kind == yaml.ScalarNode && strings.Contains(node.Value, text) {
			from := node.Line
			if node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
				from++
			}
			found = append(found, Scalar{node.Value, from})
		}
		for _, child := range node.Content {
			visit(child)
		}
	}
	if f.root != nil {
		visit(f.root)
	}
	return found
}
