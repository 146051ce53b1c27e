package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"
)

// markdownColumns are the columns of the table. Those that are empty in all rows are left out.
var markdownColumns = []struct {
	name string
	cell func(Row) string
}{
	{"destination", func(r Row) string { return code(fmt.Sprintf("%s:%d", r.Destination, r.Port)) }},
	{"protocol", func(r Row) string { return escaped(r.Protocol) }},
	{"how", markdownGrade},
	{"through", func(r Row) string { return code(r.Through) }},
	{"data plane", func(r Row) string { return string(r.DataPlane) }},
	{"waypoint", func(r Row) string { return code(r.Waypoint) }},
	{"verified name", func(r Row) string { return codes(r.Verifies) }},
	{"SNI", func(r Row) string { return code(r.otherSNI()) }},
	{"CA", func(r Row) string { return escaped(r.CA) }},
	{"client certificate", func(r Row) string { return escaped(r.Certificate) }},
	{"called as", func(r Row) string { return codes(r.Names) }},
	{"Host sent", func(r Row) string { return code(r.Host) }},
	{"form", func(r Row) string { return string(r.Form) }},
	{"from", func(r Row) string { return escaped(r.from()) }},
	{"workloads", func(r Row) string { return escaped(r.workloads()) }},
	{"allowed", func(r Row) string { return escaped(strings.Join(r.callers(), ", ")) }},
	{"addresses", func(r Row) string { return codes(r.otherAddresses()) }},
	{"release", func(r Row) string { return escaped(r.Release) }},
	{"declared", func(r Row) string { return escaped(placeOf(r).String()) }},
}

func placeOf(r Row) Place { return r.Place }

func markdownGrade(r Row) string {
	if needsLook(r.Grade) {
		return "**" + r.Grade.Words() + "**"
	}
	return r.Grade.Words()
}

func writeMarkdown(w io.Writer, rows []Row, o Options) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "# %s\n\n%s\n", escaped(o.title()), summary(rows))
	if len(rows) > 0 {
		fmt.Fprint(out, "\n")
		writeTable(out, rows)
	}
	fmt.Fprintf(out, "\n%s\n", scope)
	if len(o.Unsaid) > 0 {
		fmt.Fprint(out, "\nNot told above, as a report has no place for it:\n\n")
		for _, line := range o.Unsaid {
			fmt.Fprintf(out, "- %s\n", escaped(line))
		}
	}
	return out.Flush()
}

func writeTable(out *bufio.Writer, rows []Row) {
	var names []string
	var cells [][]string
	for _, column := range markdownColumns {
		all := make([]string, len(rows))
		for i, row := range rows {
			all[i] = column.cell(row)
		}
		if slices.ContainsFunc(all, func(cell string) bool { return cell != "" }) {
			names, cells = append(names, column.name), append(cells, all)
		}
	}
	fmt.Fprintf(out, "| %s |\n|%s\n", strings.Join(names, " | "), strings.Repeat(" --- |", len(names)))
	for i := range rows {
		for _, column := range cells {
			fmt.Fprintf(out, "| %s ", column[i])
		}
		fmt.Fprint(out, "|\n")
	}
}

// code writes text in which Markdown reads nothing, for a cell of a table.
func code(text string) string {
	if text == "" || strings.Contains(text, `\`) { // which would part cells where a bar follows
		return escaped(text)
	}
	text = strings.ReplaceAll(inOneLine(text), "|", `\|`)
	fence := "`"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	if fence != "`" {
		return fence + " " + text + " " + fence
	}
	return fence + text + fence
}

func codes(texts []string) string {
	all := make([]string, len(texts))
	for i, text := range texts {
		all[i] = code(text)
	}
	return strings.Join(all, ", ")
}

// marks are the characters that Markdown, or HTML in it, may read as more than text.
const marks = "\\`*_{}[]<>()#!|~&@$"

// escaped writes text for Markdown, in a cell too.
func escaped(text string) string {
	var out strings.Builder
	for _, char := range inOneLine(text) {
		if strings.ContainsRune(marks, char) {
			out.WriteByte('\\')
		}
		out.WriteRune(char)
	}
	return out.String()
}
