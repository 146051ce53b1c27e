package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const schemaURL = "file:///values.schema.json"

// compileSchema compiles a chart's values.schema.json, nil for none. References to other documents are not followed.
func compileSchema(data []byte) (*jsonschema.Schema, explainer, error) {
	if data == nil {
		return nil, explainer{}, nil
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return nil, explainer{}, fmt.Errorf("values.schema.json: %w", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.UseLoader(noLoader{})
	if err := compiler.AddResource(schemaURL, document); err != nil {
		return nil, explainer{}, fmt.Errorf("values.schema.json: %w", err)
	}
	compiled, err := compiler.Compile(schemaURL)
	return compiled, explainer{schemaDoc{root: document}, &subschemas{compiler: compiler}}, err
}

// subschemas are parts of a schema, compiled when one is asked for.
type subschemas struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
}

// accepts tells whether the schema at a location would take the value. A condition is part of the schema around it.
func (e explainer) accepts(location string, value any) bool {
	_, pointer, _ := strings.Cut(location, "#")
	for isCondition(pointer) {
		pointer = pointer[:strings.LastIndexByte(pointer, '/')]
	}
	if before, _, found := strings.Cut(pointer, "/allOf/"); found {
		pointer = before
	}
	e.subschemas.mu.Lock()
	defer e.subschemas.mu.Unlock()
	schema, err := e.subschemas.compiler.Compile(schemaURL + "#" + pointer)
	if err != nil {
		return false
	}
	data, err := json.Marshal(value)
	if err != nil {
		return false
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	return err == nil && schema.Validate(document) == nil
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
