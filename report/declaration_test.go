package report_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/report"
)

// Rows lead to the line of the entry, in whatever file or flag it is.
func TestPlaces(t *testing.T) {
	folder := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	base := file("base.yaml", "# base\nexternalNameServices:\n  api:\n    externalName: api.example.com\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n")
	over := file("over.yaml", "externalNameServices:\n  web:\n    externalName: web.example.com\n    ports:\n      - {name: https, port: 443}\n    tls: {mode: DISABLE}\n")
	list := file("list.yaml", "endpointServices:\n\n  - name: sink\n    addresses: [192.0.2.2, 192.0.2.1]\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n")
	declaration, err := report.Load(loadChart(t), lint.Release{Values: render.ValuesOptions{
		Files: []string{base, over, list},
		Set:   []string{"externalNameServices.flag.externalName=flag.example.com,externalNameServices.flag.ports[0].name=https,externalNameServices.flag.ports[0].port=443,externalNameServices.flag.tls.mode=DISABLE"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]report.Place{}
	for _, row := range report.Rows(declaration) {
		got[row.Destination] = row.Place
	}
	want := map[string]report.Place{
		"api.example.com":  {Path: "externalNameServices.api", File: base, Line: 3},
		"web.example.com":  {Path: "externalNameServices.web", File: over, Line: 2},
		"192.0.2.2":        {Path: "endpointServices[0]", File: list, Line: 3},
		"flag.example.com": {Path: "externalNameServices.flag", Flag: "--set externalNameServices.flag.tls.mode=DISABLE"},
	}
	for destination, place := range want {
		if got[destination] != place {
			t.Errorf("%s: %+v, want %+v", destination, got[destination], place)
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d rows, want %d", len(got), len(want))
	}
}

func TestRefusedValues(t *testing.T) {
	_, err := report.Load(loadChart(t), lint.Release{Label: "a", Values: render.ValuesOptions{
		Files: []string{"values.yaml"},
		ReadFile: func(string) ([]byte, error) {
			return []byte("externalNameServices:\n  api: {externalName: API.example.com}\n"), nil
		},
	}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		"the chart refuses the values of release a", "values.yaml:2: externalNameServices.api.externalName:", "[external-name-upper-case]", "[schema-required]",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
}
