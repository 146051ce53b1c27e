package render

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	yamlv4 "go.yaml.in/yaml/v4"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/fastyaml"
	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/position"
)

// ValuesOptions name the sources of values, with the meaning of helm's flags. Later sources win over earlier ones: the
// files in their order, then SetJSON, Set, SetString and SetFile. Maps merge, everything else is replaced, and a null
// removes a default of the chart.
type ValuesOptions struct {
	Files     []string // paths of YAML files; "-" is standard input
	SetJSON   []string // key=JSON
	Set       []string // key=value[,key=value]: numbers, booleans and null are recognised
	SetString []string // key=value: always a string
	SetFile   []string // key=path: the file's text as a string
	// Stdin is read for the file "-", which may be given once; default os.Stdin.
	Stdin io.Reader
	// ReadFile returns what the files of Files and SetFile hold, for those who keep them elsewhere, such as in a revision of
	// git. The default reads them from the disk, and "-" from Stdin.
	ReadFile func(name string) ([]byte, error)
	// KeysTwice takes the last value of a key that is given twice in a file, as Helm does without a word. The default is an error.
	KeysTwice bool
}

// setFlag is one of the flags that set single values, with its arguments.
type setFlag struct {
	name      string
	arguments []string
}

// setFlags are in the order in which Helm applies them.
func (o ValuesOptions) setFlags() []setFlag {
	return []setFlag{{"--set-json", o.SetJSON}, {"--set", o.Set}, {"--set-string", o.SetString}, {"--set-file", o.SetFile}}
}

// Assignments are what the flags set, in the order in which Helm applies them.
func (o ValuesOptions) Assignments() []position.Assignment {
	var all []position.Assignment
	for _, flag := range o.setFlags() {
		for _, argument := range flag.arguments {
			all = append(all, position.Assignments(flag.name, argument)...)
		}
	}
	return all
}

// Given is false when there is no file and no flag.
func (o ValuesOptions) Given() bool { return len(o.Files) > 0 || o.sets() }

func (o ValuesOptions) sets() bool {
	return slices.ContainsFunc(o.setFlags(), func(flag setFlag) bool { return len(flag.arguments) > 0 })
}

// ErrNoValues is the cause of the error for sources without a single value: an empty file, or comments alone. Nothing
// would be rendered, and that is hardly ever what was meant. An explicit {} is accepted.
var ErrNoValues = errors.New("there are no values in it")

// ReadValues reads and merges values as helm does. Errors name the file and, for broken YAML, the line. More than one
// YAML document in a file is an error, where helm would silently ignore all but the first.
func ReadValues(o ValuesOptions) (map[string]any, error) {
	o.Stdin = inputfile.Once(o.Stdin)
	values := map[string]any{}
	var empty string
	found := o.sets()
	for _, name := range o.Files {
		fileValues, err := o.readValuesFile(name)
		if err != nil {
			return nil, err
		}
		if fileValues == nil {
			empty = name
			continue
		}
		found = true
		values = mergeValues(values, fileValues)
	}
	if !found && empty != "" {
		return nil, fmt.Errorf("%s: %w", inputfile.Name(empty), ErrNoValues)
	}
	if err := setValues(o, values); err != nil {
		return nil, setError(o, values, err)
	}
	return values, nil
}

// readValuesFile returns nil for a file that holds comments alone.
func (o ValuesOptions) readValuesFile(name string) (map[string]any, error) {
	data, err := o.readFile(name)
	if err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, fmt.Errorf("%s: the file is empty: %w", inputfile.Name(name), ErrNoValues)
	}
	values, subset, err := parseValues(data)
	if err == nil && !subset && !o.KeysTwice {
		err = keyGivenTwice(data)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", inputfile.Name(name), err)
	}
	return values, nil
}

// keyGivenTwice refuses what stands below the same key again.
func keyGivenTwice(data []byte) error {
	_, faults := position.Parse("", data)
	for _, fault := range faults {
		if fault.ID == position.FaultDuplicate {
			return fmt.Errorf("line %d: %s", fault.Position.Line, fault.Message)
		}
	}
	return nil
}

func (o ValuesOptions) readFile(name string) ([]byte, error) {
	if o.ReadFile != nil {
		return o.ReadFile(name)
	}
	return inputfile.Read(name, o.Stdin, 0)
}

// ParseValues reads one YAML or JSON document of values. It returns nil, and no error, when the document is empty or
// null. Errors name the line. Of a key that is given twice the last value counts, as it does for Helm.
func ParseValues(data []byte) (map[string]any, error) {
	values, _, err := parseValues(data)
	return values, err
}

// parseValues tells besides whether the text is of the subset of YAML in which no key is given twice.
func parseValues(data []byte) (values map[string]any, subset bool, err error) {
	if parsed, ok := fastyaml.Values(string(data)); ok {
		values, err = asValues(parsed)
		return values, true, err
	}
	if at := position.SecondDocument(data); at.Line > 0 {
		return nil, false, fmt.Errorf("line %d: a second YAML document; %s", at.Line, insteadOfDocuments(data))
	}
	var parsed any
	if err := yaml.Unmarshal(data, &parsed); err != nil {
		return nil, false, yamlError(data, err)
	}
	values, err = asValues(parsed)
	return values, false, err
}

// insteadOfDocuments says how to give what stands in several documents, which may be values or the objects of manifests.
func insteadOfDocuments(data []byte) string {
	if bytes.HasPrefix(data, []byte("kind: ")) || bytes.Contains(data, []byte("\nkind: ")) {
		return "Kubernetes objects are no values: give them by --manifests to render lint, report or diff"
	}
	return "values are one document, give several files instead"
}

func asValues(parsed any) (map[string]any, error) {
	switch values := parsed.(type) {
	case nil:
		return nil, nil
	case map[string]any:
		return values, nil
	default:
		return nil, fmt.Errorf("values are a map of names to values, not %s", yamlTypeName(parsed))
	}
}

// yamlError says where YAML is broken and what to write instead, as the linter does. Helm's decoder is often a line off,
// names none, or speaks of Go's types; its words are left for what the linter does not know.
func yamlError(data []byte, err error) error {
	_, faults := position.Parse("", data)
	if len(faults) == 0 {
		var parsed any
		if newer := yamlv4.Unmarshal(data, &parsed); newer != nil { // it names the line more often
			err = newer
		}
		text := err.Error()
		for _, prefix := range []string{"error converting YAML to JSON: ", "yaml: ", "unmarshal errors:\n  "} {
			text = strings.TrimPrefix(text, prefix)
		}
		return fmt.Errorf("not YAML for Helm: %s", text)
	}
	sentences := make([]string, len(faults))
	for i, fault := range faults {
		sentences[i] = fmt.Sprintf("line %d: %s", fault.Position.Line, fault.Message)
	}
	return errors.New(strings.Join(sentences, "\n"))
}

func yamlTypeName(v any) string {
	switch v.(type) {
	case []any:
		return "a list"
	case string:
		return "a string"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	}
	return fmt.Sprintf("a %T", v)
}

// mergeValues returns base overlaid by over: maps merge, everything else is replaced. Neither argument is changed.
func mergeValues(base, over map[string]any) map[string]any {
	merged := make(map[string]any, len(base)+len(over))
	maps.Copy(merged, base)
	for k, v := range over {
		if overMap, ok := v.(map[string]any); ok {
			if baseMap, ok := merged[k].(map[string]any); ok {
				merged[k] = mergeValues(baseMap, overMap)
				continue
			}
		}
		merged[k] = v
	}
	return merged
}
