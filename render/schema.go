package render

import (
	"bytes"
	"fmt"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaURL = "file:///values.schema.json"

// compileSchema compiles a chart's values.schema.json, nil for none. References to other documents are not followed.
func compileSchema(data []byte) (*jsonschema.Schema, schemaDoc, error) {
	if data == nil {
		return nil, schemaDoc{}, nil
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, schemaDoc{}, fmt.Errorf("values.schema.json: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return nil, schemaDoc{}, fmt.Errorf("values.schema.json: %w", err)
	}
	compiled, err := compiler.Compile(schemaURL)
	return compiled, schemaDoc{root: document}, err
}

// validate returns a *jsonschema.ValidationError for values that the schema refuses. The validator panics at what is no
// JSON.
func validate(schema *jsonschema.Schema, values map[string]any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("unable to validate schema: %v", r)
		}
	}()
	return schema.Validate(values)
}

type noLoader struct{}

func (noLoader) Load(url string) (any, error) {
	return nil, fmt.Errorf("%s is not read", url)
}
