package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	yamlv4 "go.yaml.in/yaml/v4"
)

// YAML writes the values as a values file, with the fields in the order of the documentation. What is short stands on one
// line, as people write it.
func (v Values) YAML() ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	var document yamlv4.Node
	if err := yamlv4.Unmarshal(data, &document); err != nil { // JSON is YAML
		return nil, fmt.Errorf("values: %w", err)
	}
	layOut(&document, 0)
	var out bytes.Buffer
	dumper, err := yamlv4.NewDumper(&out, yamlv4.WithIndent(2), yamlv4.WithLineWidth(-1), yamlv4.WithCompactSeqIndent(false))
	if err == nil {
		err = dumper.Dump(&document)
	}
	if err == nil {
		err = dumper.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("values: %w", err)
	}
	return out.Bytes(), nil
}

const (
	entryDepth = 3  // document, values, list, entry
	lineLength = 80 // of what stands on one line
)

// first are the fields that begin an entry.
var first = []string{"name", "namespace", "externalName", "hosts", "addresses"}

// inOrderOfEntry moves the fields that begin an entry to its beginning. Go's embedding has them apart.
func inOrderOfEntry(node *yamlv4.Node) {
	var begin, rest []*yamlv4.Node
	for _, name := range first {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				begin = append(begin, node.Content[i], node.Content[i+1])
			}
		}
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if !slices.Contains(first, node.Content[i].Value) {
			rest = append(rest, node.Content[i], node.Content[i+1])
		}
	}
	node.Content = slices.Concat(begin, rest)
}

var (
	bareText  = regexp.MustCompile(`^[A-Za-z/][-A-Za-z0-9_./]*$|^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$|^([0-9]+(ms|s|m|h))+$`)
	yamlWords = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
)

// isBareText tells that no reader of YAML takes a string for anything else without quotes, in the old version that Helm reads
// as in the new one.
func isBareText(text string) bool {
	return bareText.MatchString(text) && !slices.Contains(yamlWords, strings.ToLower(text))
}

// layOut chooses block or flow style, and quotes for strings that need them.
func layOut(node *yamlv4.Node, depth int) {
	if isBareText(node.Value) {
		node.Style &^= yamlv4.DoubleQuotedStyle
	}
	if node.Kind == yamlv4.MappingNode || node.Kind == yamlv4.SequenceNode {
		node.Style = 0
		if depth > entryDepth && length(node) <= lineLength {
			node.Style = yamlv4.FlowStyle
		}
	}
	if depth == entryDepth && node.Kind == yamlv4.MappingNode {
		inOrderOfEntry(node)
	}
	for _, child := range node.Content {
		layOut(child, depth+1)
	}
}

// length is that of a node on one line, about.
func length(node *yamlv4.Node) int {
	sum := len(node.Value) + len(", ")
	for _, child := range node.Content {
		sum += length(child)
	}
	return sum
}
