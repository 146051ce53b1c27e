// Package compact takes out of a chart what only people read, since helm keeps the whole chart in the Secret of every release,
// of which no more than 1 MiB fits.
package compact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// Chart rewrites the chart in a folder, which renders and refuses the same afterwards. Templates lose their comments; the
// schema loses its spaces and the descriptions of fields, which are at its $id; and the README gets a link in place of the
// tables of all fields.
func Chart(folder string) error {
	if err := rewrite(filepath.Join(folder, "values.schema.json"), schema); err != nil {
		return err
	}
	if err := rewrite(filepath.Join(folder, "README.md"), readme); err != nil {
		return err
	}
	return filepath.WalkDir(filepath.Join(folder, "templates"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return rewrite(path, template)
	})
}

func rewrite(path string, change func([]byte) ([]byte, error)) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if content, err = change(content); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return os.WriteFile(path, content, 0o644)
}

// comment is one with the space that its dashes trim: what a template does not see of it.
var comment = regexp.MustCompile(`(?s)(?:\s*\{\{- |\{\{)/\*.*?\*/(?: -\}\}\s*|\}\})`)

func template(content []byte) ([]byte, error) {
	return comment.ReplaceAll(content, nil), nil
}

func schema(content []byte) ([]byte, error) {
	var root map[string]any
	if err := json.Unmarshal(content, &root); err != nil {
		return nil, err
	}
	undescribe(root)
	var compacted bytes.Buffer
	encoder := json.NewEncoder(&compacted)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(root)
	return compacted.Bytes(), err
}

// undescribe drops the descriptions of definitions, fields, and fields of fields. Those of conditions stay, as render's
// sentences have them.
func undescribe(schema map[string]any) {
	for _, keyword := range []string{"$defs", "properties"} {
		parts, _ := schema[keyword].(map[string]any)
		for _, part := range parts {
			if field, ok := part.(map[string]any); ok {
				delete(field, "description")
				undescribe(field)
			}
		}
	}
}

var tables = []byte("\n## Values\n")

const link = `
## Values

The [tables of all values](https://github.com/istio-egress/istio-egress/blob/main/charts/istio-egress/README.md#values) tell
every field with its type and default; ` + "`values.schema.json`" + ` checks them.
`

func readme(content []byte) ([]byte, error) {
	before, _, found := bytes.Cut(content, tables)
	if !found {
		return nil, fmt.Errorf("there is no heading %q, from which on a link takes the place of the tables", bytes.TrimSpace(tables))
	}
	return append(bytes.Clone(before), link...), nil
}
