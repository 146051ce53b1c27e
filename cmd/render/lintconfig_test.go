package main

import (
	"encoding/json"
	"os"
	"testing"
)

// The schema of the configuration file has the fields that the command reads, each with a flag that exists.
func TestConfigSchema(t *testing.T) {
	data, err := os.ReadFile("../../docs/lint-config.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Properties map[string]any `json:"properties"`
	}
	if err := json.Unmarshal(data, &schema); err != nil {
		t.Fatal(err)
	}
	if len(schema.Properties) != len(configFields) {
		t.Errorf("the schema has %d fields, and the command reads %d", len(schema.Properties), len(configFields))
	}
	flags := newLintCommand(streams{}).Flags()
	for name, field := range configFields {
		if schema.Properties[name] == nil {
			t.Errorf("%s is not in the schema", name)
		}
		if flags.Lookup(field.flag) == nil {
			t.Errorf("%s: there is no flag --%s", name, field.flag)
		}
	}
}
