//go:build e2e

// Package page looks at the page of render report in a real browser.
package page

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/report"
	"github.com/istio-egress/istio-egress/test/internal/browser"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// views are how people look at the page.
var views = map[string]browser.View{
	"desktop":           {Width: 1280, Height: 900},
	"desktop, dark":     {Width: 1280, Height: 900, Dark: true},
	"phone":             {Width: 390, Height: 844},
	"phone, dark":       {Width: 390, Height: 844, Dark: true},
	"paper":             {Width: 794, Height: 1123, Print: true},
	"paper, dark theme": {Width: 794, Height: 1123, Print: true, Dark: true},
}

func start(t *testing.T) *browser.Browser {
	t.Helper()
	path, err := browser.Path(t.Context())
	require.NoError(t, err)
	// The browser has to outlive the test's own context, which ends before what closes it.
	b, err := browser.Start(context.WithoutCancel(t.Context()), path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, b.Close()) })
	return b
}

func look(t *testing.T, b *browser.Browser, file string, v browser.View) *browser.Page {
	t.Helper()
	p, err := b.Open("file://"+filepath.ToSlash(file), v)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, p.Close()) })
	return p
}

func write(t *testing.T, rows []report.Row, o report.Options) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, report.Write("html", &out, rows, o))
	file := filepath.Join(t.TempDir(), "report.html")
	require.NoError(t, os.WriteFile(file, out.Bytes(), 0o600))
	return file
}

func rowsOf(t *testing.T, release lint.Release) []report.Row {
	t.Helper()
	chart, err := render.Load()
	require.NoError(t, err)
	declaration, err := report.Load(chart, release)
	require.NoError(t, err)
	return report.Rows(declaration)
}

const hostile = `<script>window.hacked=1</script><img src=x onerror="window.hacked=2">"'><svg/onload=window.hacked=3></style></svg>&lt;`

// hostileRows have a text in every place of a row.
func hostileRows(text string) []report.Row {
	row := report.Row{
		Destination: text, Addresses: []string{text, text}, Port: 443, Protocol: text, Names: []string{text + ":80"}, Namespaces: []string{text},
		Workloads: text, AllowFrom: &report.AllowFrom{Namespaces: []string{text}, ServiceAccounts: []string{text}}, Through: text,
		Form: egress.FormOpen, SNI: text, Verifies: []string{text}, CA: text, Certificate: text, Host: text, Release: text,
		Place: report.Place{Path: text, File: text, Line: 1},
	}
	var rows []report.Row
	for _, grade := range egress.Grades() {
		row.Grade = grade
		rows = append(rows, row)
	}
	return rows
}

// pages are what the page has to show.
func pages(t *testing.T) map[string]string {
	t.Helper()
	example := func(name string) []report.Row {
		return rowsOf(t, lint.Release{Values: render.ValuesOptions{Files: []string{filepath.Join(project.Root(), "examples", name, "values.yaml")}}})
	}
	few := rowsOf(t, lint.Release{Options: render.Options{Namespace: "shop"}, Values: render.ValuesOptions{Files: []string{filepath.Join(project.Root(), "report", "testdata", "values.yaml")}}})
	long := strings.Repeat("a-very-long-label.", 12) + "example.com"
	return map[string]string{
		"nothing": write(t, nil, report.Options{}),
		"few":     write(t, few, report.Options{Title: "Egress of release shop", Sources: []string{"values.yaml"}, Version: "v0.2.0"}),
		"gateway": write(t, example("gateway-allow-from"), report.Options{}),
		"aliases": write(t, example("many-aliases-one-host"), report.Options{}),
		"fifty":   write(t, rowsOf(t, lint.Release{Map: valuesgen.Sample(30)}), report.Options{}),
		"folded":  write(t, rowsOf(t, lint.Release{Map: valuesgen.Sample(300)}), report.Options{}),
		"long":    write(t, hostileRows(long), report.Options{Title: long, Sources: []string{long}, Unsaid: []string{long}, Version: long}),
		"hostile": write(t, hostileRows(hostile), report.Options{Title: hostile, Sources: []string{hostile}, Unsaid: []string{hostile}, Version: hostile}),
	}
}

func TestPage(t *testing.T) {
	b := start(t)
	for name, file := range pages(t) {
		for how, view := range views {
			t.Run(name+" on "+how, func(t *testing.T) {
				p := look(t, b, file, view)
				assert.Empty(t, faults(t, p, view))
				assert.Equal(t, name != "nothing" && view.Width > 390, shown(t, p, "svg"), "the picture is shown")
				assert.Equal(t, name != "nothing", shown(t, p, "table"), "the table is shown")
				keepScreenshot(t, p, name+"-"+how)
			})
		}
	}
}

// keepScreenshot writes a picture for people into the folder that PAGE_SCREENSHOTS names.
func keepScreenshot(t *testing.T, p *browser.Page, name string) {
	t.Helper()
	folder := os.Getenv("PAGE_SCREENSHOTS")
	if folder == "" {
		return
	}
	picture, err := p.Screenshot()
	require.NoError(t, err)
	name = strings.NewReplacer(", ", "-", " ", "-").Replace(name) + ".png"
	require.NoError(t, os.WriteFile(filepath.Join(folder, name), picture, 0o600))
}

// shown tells whether something has a place on the page. A page without anything has none.
func shown(t *testing.T, p *browser.Page, selector string) bool {
	t.Helper()
	var visible bool
	require.NoError(t, p.Evaluate(fmt.Sprintf(`[...document.querySelectorAll(%q)].some(e => e.getClientRects().length > 0)`, selector), &visible))
	return visible
}

// What comes from values and manifests is text, whatever it looks like.
func TestHostileText(t *testing.T) {
	p := look(t, start(t), pages(t)["hostile"], views["desktop"])
	var elements int
	require.NoError(t, p.Evaluate(`document.querySelectorAll("script, img, iframe, object, svg svg, [onerror], [onload], style + style, a:not([href^='#'])").length`, &elements))
	assert.Zero(t, elements, "elements that the texts made")
	var hacked bool
	require.NoError(t, p.Evaluate(`"hacked" in window`, &hacked))
	assert.False(t, hacked, "a script ran")
	var text string
	require.NoError(t, p.Evaluate(`document.body.innerText`, &text))
	assert.Contains(t, text, hostile)
}

// The checks find what they are for.
func TestFaultsAreFound(t *testing.T) {
	b := start(t)
	for name, c := range map[string]struct{ body, fault string }{
		"too wide":        {`<p style="width:2000px">x`, "the page is 2"},
		"text in a box":   {`<svg width="100" height="50"><g><rect width="20" height="20"/><text y="15">too long for it</text></g></svg>`, "is wider than its box"},
		"pale":            {`<p style="color:#bbb">pale`, "contrast"},
		"loads something": {`<img src="x.png">`, "loads "},
		"clipped":         {`<div style="width:50px;overflow:hidden;white-space:nowrap">cut off at the end`, "is cut off"},
		"script":          {`<script>throw 1</script>`, "complains"},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "page.html")
			require.NoError(t, os.WriteFile(file, []byte("<!doctype html><title>x</title>"+c.body), 0o600))
			view := views["desktop"]
			assert.Contains(t, strings.Join(faults(t, look(t, b, file, view), view), "\n"), c.fault)
		})
	}
}
