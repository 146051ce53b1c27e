package position

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// Limits of a values file: a release that Kubernetes can store stays far below them, and within them linting takes
// seconds and a gigabyte or two at the worst. The parser itself stops at 10,000 levels of nesting.
const (
	MaxBytes = 32 << 20
	MaxNodes = 2 << 20 // keys, items and lines, aliases filled in
	MaxItems = 100_000 // of one list or map
)

// File is a parsed YAML document with the places of its nodes. It is not safe for concurrent use.
type File struct {
	Name string
	root *yaml.Node // nil when the file holds nothing
	keys map[*yaml.Node]index

	octals  []*yaml.Node
	endless bool // an alias leads into the value that holds it, or there are too many values to walk
}

// Parse reads a values file. The file is nil when it could not be read as YAML at all: the faults say why. Other
// faults (a key given twice, a second document) leave the file usable.
func Parse(name string, data []byte) (*File, []Fault) {
	if fault := checkBytes(name, data); fault != nil {
		return nil, []Fault{*fault}
	}
	documents, fault := load(name, data)
	if fault != nil {
		return nil, []Fault{*fault}
	}
	file := &File{Name: name, keys: map[*yaml.Node]index{}}
	if len(documents) == 0 {
		return file, nil
	}
	file.root = content(documents[0])
	faults := checkNodes(file)
	if shape := kindName(file.root); shape != "" {
		faults = append(faults, Fault{
			ID:       FaultShape,
			Position: file.position(file.root),
			Message:  fmt.Sprintf("values are a map of names to values, not %s: put entries under externalNameServices:, endpointServices: or externalHosts:", shape),
		})
	}
	if at := SecondDocument(data); at.Line > 0 {
		at.File = name
		faults = append(faults, Fault{
			ID:       FaultDocuments,
			Position: at,
			Message:  "a values file is one YAML document; Helm reads the first and drops the others without a word: join them, or give each a file and a -f of its own",
		})
	}
	return file, faults
}

// Documents reads a stream of YAML documents, such as manifests; empty ones are left out. The files share the name.
func Documents(name string, data []byte) ([]*File, []Fault) {
	if fault := checkBytes(name, data); fault != nil {
		return nil, []Fault{*fault}
	}
	var files []*File
	var faults []Fault
	documents, fault := load(name, data)
	if fault != nil {
		faults = append(faults, *fault)
	}
	for _, document := range documents {
		file := &File{Name: name, root: content(document), keys: map[*yaml.Node]index{}}
		if file.root == nil || isNull(file.root) {
			continue
		}
		found := checkNodes(file)
		faults = append(faults, found...)
		files = append(files, file)
	}
	return files, faults
}

// load parses all documents. Those before a syntax error are returned with the fault.
func load(name string, data []byte) (documents []*yaml.Node, fault *Fault) {
	loader, err := yaml.NewLoader(bytes.NewReader(data))
	if err != nil {
		return nil, syntaxFault(name, data, err)
	}
	for {
		var document yaml.Node
		err := loader.Load(&document)
		if errors.Is(err, io.EOF) {
			return documents, nil
		}
		if err != nil {
			return documents, syntaxFault(name, data, err)
		}
		documents = append(documents, &document)
	}
}

// noticedLate are faults that the parser sees behind the place where they are.
var noticedLate = []string{"could not find expected ':'", "found unexpected end of stream"}

func syntaxFault(name string, data []byte, err error) *Fault {
	fault := &Fault{ID: FaultSyntax, Position: Position{File: name, Line: 1, Column: 1}, Message: "not YAML: " + err.Error()}
	var load *yaml.LoadError
	if !errors.As(err, &load) {
		return fault
	}
	fault.Message = "not YAML: " + load.Message
	mark := load.Mark
	unclosed := strings.HasPrefix(load.Message, "did not find expected ','") && isBlankFrom(data, mark.Line)
	if load.ContextMark.Line > 0 && (unclosed || slices.Contains(noticedLate, load.Message)) {
		mark = load.ContextMark
	}
	if mark.Line > 0 {
		fault.Position.Line, fault.Position.Column = mark.Line, max(mark.Column, 1)
	}
	if last := bytes.Count(data, []byte("\n")) + 1; fault.Position.Line > last { // the end of a file without a last line break
		fault.Position.Line, fault.Position.Column = last, utf8.RuneCountInString(line(data, last))+1
	}
	fault.Message += hint(line(data, fault.Position.Line), load.Message)
	return fault
}

// isBlankFrom tells whether nothing follows from a line on.
func isBlankFrom(data []byte, number int) bool {
	lines := bytes.Split(data, []byte("\n"))
	return number > len(lines) || len(bytes.TrimSpace(bytes.Join(lines[number-1:], nil))) == 0
}

// hint says what to write where the parser's own words leave the user alone.
func hint(text, message string) string {
	switch {
	case strings.Contains(text, "{{"):
		return "; values are no templates, and nothing is filled in: write the value itself, or put text with {{ in quotes"
	case strings.Contains(message, "unknown anchor"):
		return "; put text that begins with * in quotes; for an alias, its &anchor has to stand above it in the same file"
	case strings.HasPrefix(strings.TrimLeft(text, " "), "\t"), strings.Contains(message, "tab character"):
		return "; indent with spaces, not tabs"
	case strings.Contains(message, "mapping values are not allowed"):
		return `; put a value that contains ": " in quotes, and check the indentation`
	case strings.Contains(message, "could not find expected ':'"):
		return "; write key: value, with a space after the colon, and put text of several lines in quotes or after |"
	case strings.Contains(message, "unexpected end of stream"):
		return "; close the quotes"
	case strings.Contains(message, "cannot start any token"):
		return "; put the value in quotes"
	case strings.Contains(message, "did not find expected node content"), strings.Contains(message, "did not find expected ','"):
		return "; close each [ and {, and put a value that begins with one in quotes"
	case strings.Contains(message, "did not find expected key"), strings.Contains(message, "'-' indicator"):
		return "; check the indentation and the quotes of this line and the one above"
	}
	return ""
}

func line(data []byte, number int) string {
	for n := 1; n < number; n++ {
		next := bytes.IndexByte(data, '\n')
		if next < 0 {
			return ""
		}
		data = data[next+1:]
	}
	text, _, _ := bytes.Cut(data, []byte("\n"))
	return string(text)
}

// content returns the node below a document node.
func content(node *yaml.Node) *yaml.Node {
	if node != nil && node.Kind == yaml.DocumentNode {
		if len(node.Content) == 0 {
			return nil
		}
		return node.Content[0]
	}
	return node
}

// kindName names what cannot be values; empty for what can.
func kindName(node *yaml.Node) string {
	switch {
	case node.Kind == yaml.SequenceNode:
		return "a list"
	case node.Kind == yaml.ScalarNode && !isNull(node):
		return "a single value"
	}
	return ""
}

func isNull(node *yaml.Node) bool {
	return node.Kind == yaml.ScalarNode && node.ShortTag() == "!!null"
}

func (f *File) position(node *yaml.Node) Position {
	if node == nil {
		return Position{File: f.Name, Line: 1, Column: 1}
	}
	return Position{File: f.Name, Line: node.Line, Column: node.Column}
}

// String names the file, for test failures.
func (f *File) String() string { return fmt.Sprintf("values file %s", f.Name) }

// LoadFault says what keeps the document from being read as a map, such as a list for a key; nil when nothing does, and
// for a document of another kind.
func (f *File) LoadFault() *Fault {
	if f.root == nil || f.root.Kind != yaml.MappingNode {
		return nil
	}
	err := f.root.Load(new(map[string]any), yaml.WithUniqueKeys(false))
	if err == nil {
		return nil
	}
	fault := &Fault{ID: FaultSyntax, Position: f.position(f.root), Message: "not YAML: " + err.Error()}
	var load *yaml.LoadError
	if errors.As(err, &load) && load.Mark.Line > 0 {
		fault.Message = "not YAML: " + load.Message
		fault.Position.Line, fault.Position.Column = load.Mark.Line, max(load.Mark.Column, 1)
	}
	if strings.Contains(err.Error(), "as a map key") {
		fault.Message = messageOfKey
	}
	return fault
}

// Find returns the place of a path in this file alone.
func (f *File) Find(path Path) Place { return Merge([]*File{f}, nil).Find(path) }
