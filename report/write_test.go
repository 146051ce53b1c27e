package report_test

import (
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/report"
)

func TestFormats(t *testing.T) {
	declaration := load(t, "testdata/values.yaml")
	for _, format := range report.Formats() {
		golden.Equal(t, "testdata/report."+format, write(t, format, report.Rows(declaration), report.Options{
			Title: "Egress of release shop", Sources: declaration.Sources, Version: "v1.2.3",
		}))
		golden.Equal(t, "testdata/nothing."+format, write(t, format, nil, report.Options{}))
	}
}

func TestUnknownFormat(t *testing.T) {
	err := report.Write("xml", nil, nil, report.Options{})
	if err == nil || !strings.Contains(err.Error(), `unknown format "xml": want one of csv, html, json, md, mermaid`) {
		t.Errorf("got %v", err)
	}
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	rows := report.Rows(load(t, "testdata/values.yaml"))
	for _, format := range report.Formats() {
		if err := report.Write(format, brokenPipe{}, rows, report.Options{}); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, os.ErrClosed }

// validator holds JSON against a schema.
func validator(t *testing.T, path string) func(text string) error {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile(path)
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(document)
	}
}

// A report is valid by the schema that its document points to.
func TestSchema(t *testing.T) {
	validate := validator(t, "../docs/report.schema.json")
	for _, rows := range [][]report.Row{nil, report.Rows(load(t, "testdata/values.yaml")), hostileRows("x")} {
		if err := validate(write(t, "json", rows, report.Options{})); err != nil {
			t.Error(err)
		}
	}
	if validate(`{"apiVersion": "report.istio-egress/v1", "rows": [{"destination": "a", "port": 1, "grade": "fine"}]}`) == nil {
		t.Error("an unknown grade is valid")
	}
}
