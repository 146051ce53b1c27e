package position

import (
	"slices"

	"go.yaml.in/yaml/v4"
)

// Node is a value of a document as Helm and Kubernetes read it: with what aliases name in their place, with what << merges
// into maps, and with yes and no as booleans. The zero Node is null.
type Node struct {
	file *File
	yaml *yaml.Node
}

// Kind is the kind of a node's value.
type Kind int

// The kinds, which are those of JSON.
const (
	Null Kind = iota
	Bool
	Number
	Text
	List
	Map
)

// String is how a sentence names a value of the kind.
func (k Kind) String() string {
	return [...]string{"nothing", "true or false", "a number", "text", "a list", "a map"}[k]
}

// Field is a key of a map with its value.
type Field struct {
	Name  string
	Value Node
}

// Root returns the value of the document: null when it has none, or none that comes to an end.
func (f *File) Root() Node {
	if f.endless {
		return Node{}
	}
	return Node{f, f.root}.resolved()
}

func (n Node) resolved() Node {
	if n.yaml != nil {
		n.yaml, _ = resolve(n.file, n.yaml)
	}
	return n
}

func (n Node) position() Position { return n.file.position(n.yaml) }

// Kind returns the kind of the value.
func (n Node) Kind() Kind {
	switch {
	case n.yaml == nil:
		return Null
	case n.yaml.Kind == yaml.MappingNode:
		return Map
	case n.yaml.Kind == yaml.SequenceNode:
		return List
	}
	switch n.scalar().(type) {
	case nil:
		return Null
	case bool:
		return Bool
	case string:
		return Text
	}
	return Number
}

// scalar returns nil, a bool, a number of the smallest Go type that holds it, or a string.
func (n Node) scalar() any {
	if isUnquoted(n.yaml) {
		if word, isBool := booleans[n.yaml.Value]; isBool {
			return word == "true"
		}
	}
	switch n.yaml.ShortTag() {
	case "!!str", "!!merge", "!!timestamp": // a date is text in JSON
		return n.yaml.Value
	}
	if n.yaml.Value == "-0" { // not that of floating point
		return 0
	}
	var value any
	if err := n.yaml.Load(&value); err != nil {
		return n.yaml.Value
	}
	return value
}

// Items returns the items of a list.
func (n Node) Items() []Node {
	if n.Kind() != List {
		return nil
	}
	items := make([]Node, len(n.yaml.Content))
	for i, item := range n.yaml.Content {
		items[i] = Node{n.file, item}.resolved()
	}
	return items
}

// Fields returns the keys of a map with their values, in the order of the file. Where a key has several values, given or
// merged, the last one counts.
func (n Node) Fields() []Field {
	var fields []Field
	at := map[string]int{}
	n.eachField(0, func(field Field) {
		if i, exists := at[field.Name]; exists {
			fields[i] = field
			return
		}
		at[field.Name] = len(fields)
		fields = append(fields, field)
	})
	return fields
}

func (n Node) eachField(level int, yield func(Field)) {
	if n.Kind() != Map || level > maxMerges {
		return
	}
	for i := 0; i+1 < len(n.yaml.Content); i += 2 {
		key, value := n.yaml.Content[i], Node{n.file, n.yaml.Content[i+1]}.resolved()
		switch {
		case !isMerge(key):
			yield(Field{keyName(key), value})
		case value.Kind() == List: // of maps, of which the first one counts
			for _, merged := range slices.Backward(value.Items()) {
				merged.eachField(level+1, yield)
			}
		default:
			value.eachField(level+1, yield)
		}
	}
}

// Field returns the value of a map's key: null when there is none.
func (n Node) Field(name string) Node {
	if n.Kind() != Map {
		return Node{}
	}
	_, value := n.file.lookup(n.yaml, name)
	return Node{n.file, value}.resolved()
}

// Text returns the value of a text; false for other kinds.
func (n Node) Text() (string, bool) {
	if n.yaml == nil || n.yaml.Kind != yaml.ScalarNode {
		return "", false
	}
	text, isText := n.scalar().(string)
	return text, isText
}

// Value returns the value as Go has that of JSON: maps, lists, strings, booleans, nil and numbers, integers as such.
func (n Node) Value() any {
	switch n.Kind() {
	case Null:
		return nil
	case Map:
		values := map[string]any{}
		for _, field := range n.Fields() {
			values[field.Name] = field.Value.Value()
		}
		return values
	case List:
		values := []any{}
		for _, item := range n.Items() {
			values = append(values, item.Value())
		}
		return values
	default:
		return n.scalar()
	}
}
