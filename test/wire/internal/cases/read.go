package cases

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ReadFolder reads all files of a folder.
func ReadFolder(folder string) ([]*File, error) {
	paths, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("there is no case in %s", folder)
	}
	var files []*File
	var failures []error
	for _, path := range paths {
		file, err := Read(path)
		failures = append(failures, err)
		files = append(files, file)
	}
	return files, errors.Join(failures...)
}

// Read reads a file of cases. Errors name the file and the line.
func Read(path string) (*File, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	file, err := parse(content)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	file.Path = path
	if file.Matrix != nil {
		if err := file.generate(); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	if err := file.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return file, nil
}

func parse(content []byte) (*File, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(content))
	var document yaml.Node
	if err := decoder.Decode(&document); err != nil {
		return nil, err
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document")
	}
	file := &File{}
	if err := errors.Join(unknownKeys(document.Content[0], reflect.TypeFor[File]())...); err != nil {
		return nil, err
	}
	return file, document.Decode(file)
}

// unknownKeys finds keys that the type does not have. The decoder's own strictness ends where a type
// decodes itself.
func unknownKeys(node *yaml.Node, t reflect.Type) (found []error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	for node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	switch {
	case t.Kind() == reflect.Slice && node.Kind == yaml.SequenceNode:
		for _, item := range node.Content {
			found = append(found, unknownKeys(item, t.Elem())...)
		}
	case t.Kind() == reflect.Map && node.Kind == yaml.MappingNode:
		for i := 1; i < len(node.Content); i += 2 {
			found = append(found, unknownKeys(node.Content[i], t.Elem())...)
		}
	case t.Kind() == reflect.Struct && node.Kind == yaml.MappingNode:
		known := fields(t)
		for i := 0; i < len(node.Content); i += 2 {
			key, value := node.Content[i], node.Content[i+1]
			field, ok := known[key.Value]
			switch {
			case key.Tag == "!!merge":
				found = append(found, unknownKeys(value, t)...)
			case ok:
				found = append(found, unknownKeys(value, field)...)
			default:
				found = append(found, fmt.Errorf("line %d: unknown key %q; there are %s", key.Line, key.Value, names(known)))
			}
		}
	}
	return found
}

func fields(t reflect.Type) map[string]reflect.Type {
	known := map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			known[name] = field.Type
		}
	}
	return known
}

func names(known map[string]reflect.Type) string {
	all := make([]string, 0, len(known))
	for name := range known {
		all = append(all, name)
	}
	slices.Sort(all)
	return strings.Join(all, ", ")
}

// UnmarshalYAML reads a case, and keeps its line.
func (c *Case) UnmarshalYAML(node *yaml.Node) error {
	type alias Case
	c.Line = node.Line
	return node.Decode((*alias)(c))
}

// UnmarshalYAML reads a change, and keeps its line.
func (c *Change) UnmarshalYAML(node *yaml.Node) error {
	type alias Change
	c.Line = node.Line
	return node.Decode((*alias)(c))
}

// UnmarshalYAML reads a call, or its URL alone.
func (c *Call) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&c.URL)
	}
	type alias Call
	return node.Decode((*alias)(c))
}

// UnmarshalYAML reads what arrives, or the word nothing.
func (a *Arrives) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		if node.Value != "nothing" {
			return fmt.Errorf("line %d: arrives is %q: write nothing, or what arrives as {at: server:port, ...}", node.Line, node.Value)
		}
		a.Nothing = true
		return nil
	}
	type alias Arrives
	return node.Decode((*alias)(a))
}

// UnmarshalYAML reads a port, or what is spoken there alone.
func (p *Port) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&p.Speaks)
	}
	type alias Port
	return node.Decode((*alias)(p))
}
