package position

import (
	"bytes"
	"fmt"
	"strconv"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Faults of a file that Helm refuses without a place, or accepts while it loses what the user wrote.
const (
	FaultSyntax    = "yaml-syntax"
	FaultDocuments = "yaml-documents"
	FaultDuplicate = "yaml-duplicate-key"
	FaultKey       = "yaml-key"
	FaultNumber    = "yaml-number"
	FaultShape     = "yaml-shape"
	FaultTooLarge  = "yaml-too-large"
	FaultOctal     = "yaml-octal" // a warning, of File.Octals alone
)

// Fault is something wrong with a file as YAML.
type Fault struct {
	ID       string
	Position Position
	Message  string
	Related  []Position
}

// checkBytes refuses what must not reach the parser.
func checkBytes(name string, data []byte) *Fault {
	if len(data) > MaxBytes {
		return &Fault{ID: FaultTooLarge, Position: Position{File: name, Line: 1, Column: 1},
			Message: fmt.Sprintf("the file has more than %d MiB: a release of that size cannot be stored; split it into several releases", MaxBytes>>20)}
	}
	nodes, lineNumber, column := 0, 1, 1
	utf16 := bytes.HasPrefix(data, []byte{0xFE, 0xFF}) || bytes.HasPrefix(data, []byte{0xFF, 0xFE})
	for i := 0; i < len(data); {
		char, size := rune(data[i]), 1
		switch {
		case char == '\n':
			lineNumber, column = lineNumber+1, 0
			nodes++
		case char == ',' || char == ':' || char == '-' || char == '[' || char == '{' || char == '?':
			nodes++
		case utf16:
		case char == 0x7f, char < ' ' && char != '\t' && char != '\r':
			return &Fault{ID: FaultSyntax, Position: Position{File: name, Line: lineNumber, Column: column},
				Message: fmt.Sprintf("not YAML: control character %#x; remove it, or write it as an escape in double quotes", char)}
		case char >= utf8.RuneSelf:
			char, size = utf8.DecodeRune(data[i:])
			if char == utf8.RuneError && size == 1 {
				return &Fault{ID: FaultSyntax, Position: Position{File: name, Line: lineNumber, Column: column},
					Message: fmt.Sprintf("not YAML: byte %#x is not UTF-8; save the file as UTF-8", data[i])}
			}
			if i == 0 && char == '\uFEFF' { // a byte order mark takes no column
				column--
			}
		}
		i += size
		column++
	}
	if nodes > MaxNodes {
		return &Fault{ID: FaultTooLarge, Position: Position{File: name, Line: 1, Column: 1},
			Message: fmt.Sprintf("the file holds more than %d keys, items and lines: a release of that size cannot be stored; split it into several releases", MaxNodes)}
	}
	return nil
}

// checkNodes walks the tree once, without following aliases.
func checkNodes(file *File) []Fault {
	walk := walker{file: file, sizes: map[*yaml.Node]int{}}
	size := walk.visit(file.root)
	if size > MaxNodes {
		file.endless = true
		return []Fault{{ID: FaultTooLarge, Position: file.position(walk.largest),
			Message: fmt.Sprintf("with its aliases filled in, the file holds more than %d values; write out what is needed instead of nesting aliases", MaxNodes)}}
	}
	if walk.longest != nil {
		return []Fault{{ID: FaultTooLarge, Position: file.position(walk.longest),
			Message: fmt.Sprintf("a list or map of more than %d items: a release of that size cannot be stored; split it into several releases", MaxItems)}}
	}
	return walk.faults
}

type walker struct {
	file    *File
	faults  []Fault
	sizes   map[*yaml.Node]int // of anchored nodes, with their aliases filled in
	largest *yaml.Node         // the first alias that takes the size over the limit
	longest *yaml.Node         // the first list or map with too many items
}

func (w *walker) visit(node *yaml.Node) int {
	size := 1
	if w.longest == nil && len(node.Content) > MaxItems && (node.Kind == yaml.SequenceNode || len(node.Content) > 2*MaxItems) {
		w.longest = node
	}
	switch node.Kind { //nolint:exhaustive // documents are above, streams nowhere
	case yaml.AliasNode:
		target, known := w.sizes[node.Alias]
		if !known {
			w.file.endless = true
			w.fault(FaultSyntax, node, "not YAML for Helm: *%s stands inside the value that it names", node.Value)
		}
		size += target
		if w.largest == nil && target > MaxNodes/16 {
			w.largest = node
		}
	case yaml.MappingNode:
		size += w.visitMapping(node)
	case yaml.SequenceNode:
		for _, item := range node.Content {
			size += w.visit(item)
		}
	case yaml.ScalarNode:
		w.visitScalar(node)
	}
	size = min(size, MaxNodes+1)
	if node.Anchor != "" {
		w.sizes[node] = size
	}
	return size
}

func (w *walker) visitMapping(node *yaml.Node) int {
	size := 0
	var seen map[string]*yaml.Node // only for large mappings: most have a handful of keys
	if len(node.Content) > 2*fewKeys {
		seen = make(map[string]*yaml.Node, len(node.Content)/2)
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		key, value := node.Content[i], node.Content[i+1]
		if key.Anchor != "" {
			w.sizes[key] = 1
		}
		size += 1 + w.visit(value)
		if isMerge(key) {
			continue
		}
		w.visitKey(key)
		if first := firstOf(seen, node.Content[:i], key); first != nil {
			w.faults = append(w.faults, Fault{ID: FaultDuplicate, Position: w.file.position(key),
				Message: fmt.Sprintf("%s is given twice here, and only the last one counts: remove one, or join the two", strconv.Quote(key.Value)),
				Related: []Position{w.file.position(first)}})
		}
	}
	return size
}

const fewKeys = 16

// firstOf returns the earlier key of the same name, if there is one.
func firstOf(seen map[string]*yaml.Node, before []*yaml.Node, key *yaml.Node) *yaml.Node {
	if key.Kind != yaml.ScalarNode {
		return nil
	}
	if seen != nil {
		first := seen[key.Value]
		if first == nil {
			seen[key.Value] = key
		}
		return first
	}
	for i := 0; i < len(before); i += 2 {
		if before[i].Kind == yaml.ScalarNode && before[i].Value == key.Value {
			return before[i]
		}
	}
	return nil
}

const messageOfKey = "a list or map cannot be a key: write a string, and put text with {{ in quotes"

func (w *walker) visitKey(key *yaml.Node) {
	if key.Kind == yaml.AliasNode {
		key = key.Alias
	}
	switch {
	case key.Kind != yaml.ScalarNode:
		w.fault(FaultKey, key, messageOfKey)
	case !isString(key):
		w.fault(FaultKey, key, "%s is not a string for YAML (Helm reads a number, a yes or no, or nothing): write it in quotes, \"%s\"", key.Value, key.Value)
	}
}

func (w *walker) visitScalar(node *yaml.Node) {
	if isOctal(node) {
		w.file.octals = append(w.file.octals, node)
	}
	if isNotFinite(node) {
		w.fault(FaultNumber, node, "%s is no number that Helm can read: write a number, or a string in quotes", node.Value)
	}
}

func (w *walker) fault(id string, node *yaml.Node, format string, args ...any) {
	w.faults = append(w.faults, Fault{ID: id, Position: w.file.position(node), Message: fmt.Sprintf(format, args...)})
}
