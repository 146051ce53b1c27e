package output_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/output"
	"github.com/istio-egress/istio-egress/position"
)

// findings have everything that a format must cope with.
var findings = []lint.Finding{
	{
		ID: "shared-tls", Severity: lint.Error, Path: "externalNameServices[3].tls",
		Message:  "other TLS settings: give both the same",
		Position: position.Position{File: "team a/values.yaml", Line: 12, Column: 7},
		Related: []lint.Related{
			{Path: "externalNameServices[0].tls", Position: position.Position{File: "team a/values.yaml", Line: 4, Column: 5}},
			{Message: "used through this alias", Position: position.Position{File: "team a/values.yaml", Line: 12, Column: 12}},
		},
	},
	{
		ID: "release-object-twice", Severity: lint.Error, Release: "team-b/b", Path: "externalNameServices.api", Message: "100% twice",
		Position: position.Position{File: "/abs/50%,b:c.yaml", Line: 1, Column: 1},
		Related:  []lint.Related{{Path: "externalNameServices[0]", Release: "a", Position: position.Position{File: "a.yaml", Line: 3, Column: 3}}},
	},
	{
		ID: "manifest-alias-rule", Severity: lint.Error, Object: "DestinationRule default/api", Path: "spec.host", Document: 2, Message: "does nothing",
		Position: position.Position{File: "<stdin>", Line: 9, Column: 9}, Replacement: "externalNameServices:\n  - name: api\n",
	},
	{
		ID: "schema-type", Severity: lint.Warning, Path: "exportTo", Message: "bad \x1b[31m text\nin two lines",
		Position: position.Position{Flag: "--set exportTo=a"},
	},
	{ID: "no-effect", Severity: lint.Warning, Path: "externalNameServices[0].tls", Message: "in memory"},
}

func write(t *testing.T, format string, findings []lint.Finding, o output.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := output.Write(format, &out, findings, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var options = output.Options{Version: "v1.2.3", Subject: "team a/values.yaml"}

func TestFormats(t *testing.T) {
	for _, format := range output.Formats() {
		golden.Equal(t, "testdata/findings."+format, write(t, format, findings, options))
		golden.Equal(t, "testdata/clean."+format, write(t, format, nil, options))
	}
}

func TestUnknownFormat(t *testing.T) {
	err := output.Write("xml", nil, nil, output.Options{})
	if err == nil || !strings.Contains(err.Error(), "want one of github, gitlab, json, junit, sarif, text") {
		t.Errorf("got %v", err)
	}
}

func TestOutputThatCannotBeWritten(t *testing.T) {
	for _, format := range output.Formats() {
		if err := output.Write(format, brokenPipe{}, findings, options); err == nil {
			t.Errorf("%s: no error", format)
		}
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

var errBroken = &brokenError{}

type brokenError struct{}

func (*brokenError) Error() string { return "broken pipe" }
