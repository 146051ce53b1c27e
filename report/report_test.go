package report_test

import (
	"bytes"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/report"
)

func loadChart(t *testing.T) *render.Chart {
	t.Helper()
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

// load reads values files of a release in the namespace shop.
func load(t *testing.T, files ...string) *report.Declaration {
	t.Helper()
	return loadInto(t, "shop", files...)
}

func loadInto(t *testing.T, namespace string, files ...string) *report.Declaration {
	t.Helper()
	declaration, err := report.Load(loadChart(t), lint.Release{
		Options: render.Options{Namespace: namespace}, Values: render.ValuesOptions{Files: files},
	})
	if err != nil {
		t.Fatal(err)
	}
	return declaration
}

func write(t *testing.T, format string, rows []report.Row, o report.Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Write(format, &out, rows, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
