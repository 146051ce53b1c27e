package report_test

import (
	"encoding/csv"
	"encoding/json"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/report"
)

// The diagram of hostile rows is one that mermaid reads: make diagrams parses it.
func TestHostileDiagram(t *testing.T) {
	golden.Equal(t, "testdata/hostile.mermaid", write(t, "mermaid", hostileRows(hostile), report.Options{}))
}

const hostile = "<script>alert(1)</script>\"'`|*_[x](http://x)&#60;\n=1+1;%0a#quot;]:::x\u2028\x1b[31m"

// hostileRows have a text in every place of a row.
func hostileRows(text string) []report.Row {
	return []report.Row{{
		Destination: text, Addresses: []string{text, text}, Port: 443, Protocol: text, Names: []string{text + ":80"}, Namespaces: []string{text},
		Workloads: text, AllowFrom: &report.AllowFrom{Namespaces: []string{text}, ServiceAccounts: []string{text}}, Through: text, DataPlane: egress.DataPlaneBoth, Waypoint: text,
		Form: egress.FormOpen, Grade: egress.Unverified, SNI: text, Verifies: []string{text}, CA: text, Certificate: text, Host: text, Release: text,
		Place: report.Place{Path: text, File: text, Line: 1},
	}}
}

func FuzzFormats(f *testing.F) {
	for _, text := range []string{hostile, "=cmd|' /C calc'!A0", "  @x", "a\\", "``a`", "", "\xff", "--></style>", "{{.}}", "a\r\nb", "\t+1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		rows := hostileRows(text)
		options := report.Options{Title: text, Sources: []string{text}, Unsaid: []string{text}, Version: text}
		checkHTML(t, write(t, "html", rows, options))
		checkCSV(t, write(t, "csv", rows, options))
		checkMarkdown(t, write(t, "md", rows, options))
		checkMermaid(t, write(t, "mermaid", rows, options))
		var decoded map[string]any
		if err := json.Unmarshal([]byte(write(t, "json", rows, options)), &decoded); err != nil {
			t.Error(err)
		}
	})
}

// checkHTML counts tags: a text adds none.
func checkHTML(t *testing.T, page string) {
	t.Helper()
	wanted := write(t, "html", hostileRows("x"), report.Options{Title: "x", Sources: []string{"x"}, Unsaid: []string{"x"}, Version: "x"})
	for _, tag := range []string{"<script", "<style", "</style", "<img", "<a ", "<td", "<li", "<text", "<div", "<meta", "style=", "onload=", "href="} {
		if got, want := strings.Count(page, tag), strings.Count(wanted, tag); got > want {
			if tag == "style=" || tag == "onload=" || tag == "href=" { // no attribute, but text of somebody
				continue
			}
			t.Errorf("%d of %s, want %d", got, tag, want)
		}
	}
}

func checkCSV(t *testing.T, text string) {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(records) != 2 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	for _, cell := range records[1] {
		if strings.ContainsAny(strings.TrimLeft(cell, " ")+"x", "=+-@") && strings.IndexAny(strings.TrimLeft(cell, " "), "=+-@\t\r") == 0 {
			t.Errorf("a spreadsheet executes %q", cell)
		}
	}
}

// checkMarkdown counts the cells of the table's rows.
func checkMarkdown(t *testing.T, text string) {
	t.Helper()
	var cells []int
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "|") {
			cells = append(cells, strings.Count(strings.ReplaceAll(strings.ReplaceAll(line, `\\`, ""), `\|`, ""), "|"))
		}
	}
	if len(cells) != 3 || cells[0] != cells[1] || cells[0] != cells[2] {
		t.Errorf("cells of the lines: %v\n%s", cells, text)
	}
	if strings.Contains(strings.ToLower(text), "\n<script") {
		t.Errorf("a tag in\n%s", text)
	}
}

// checkMermaid finds quotes and brackets that end a text early.
func checkMermaid(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		if strings.Count(line, `"`)%2 != 0 || strings.Count(line, `"`) > 2 || strings.ContainsAny(line, "<`\r") {
			t.Errorf("a text ends early in %q", line)
		}
	}
}
