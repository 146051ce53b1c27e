package report

import (
	"encoding/csv"
	"io"
	"strconv"
	"strings"
)

// csvColumns are the columns, in order. Lists are joined by spaces.
var csvColumns = []struct {
	name string
	cell func(Row) string
}{
	{"destination", func(r Row) string { return r.Destination }},
	{"addresses", func(r Row) string { return strings.Join(r.Addresses, " ") }},
	{"port", func(r Row) string { return strconv.Itoa(r.Port) }},
	{"protocol", func(r Row) string { return r.Protocol }},
	{"names", func(r Row) string { return strings.Join(r.Names, " ") }},
	{"namespaces", func(r Row) string { return strings.Join(r.Namespaces, " ") }},
	{"workloads", func(r Row) string { return r.Workloads }},
	{"allowFrom", func(r Row) string { return strings.Join(r.callers(), ", ") }},
	{"through", func(r Row) string { return r.Through }},
	{"dataPlane", func(r Row) string { return string(r.DataPlane) }},
	{"waypoint", func(r Row) string { return r.Waypoint }},
	{"form", func(r Row) string { return string(r.Form) }},
	{"grade", func(r Row) string { return string(r.Grade) }},
	{"sni", func(r Row) string { return r.SNI }},
	{"verifies", func(r Row) string { return strings.Join(r.Verifies, " ") }},
	{"ca", func(r Row) string { return r.CA }},
	{"certificate", func(r Row) string { return r.Certificate }},
	{"host", func(r Row) string { return r.Host }},
	{"release", func(r Row) string { return r.Release }},
	{"path", func(r Row) string { return r.Path }},
	{"file", func(r Row) string { return r.File }},
	{"line", func(r Row) string { return lineText(r.Line) }},
}

func lineText(line int) string {
	if line == 0 {
		return ""
	}
	return strconv.Itoa(line)
}

func writeCSV(w io.Writer, rows []Row, _ Options) error {
	out := csv.NewWriter(w)
	record := make([]string, len(csvColumns))
	for i, column := range csvColumns {
		record[i] = column.name
	}
	if err := out.Write(record); err != nil {
		return err
	}
	for _, row := range rows {
		for i, column := range csvColumns {
			record[i] = quotedForSpreadsheets(column.cell(row))
		}
		if err := out.Write(record); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// quotedForSpreadsheets puts an apostrophe before what a spreadsheet would take for a formula, and execute.
func quotedForSpreadsheets(cell string) string {
	if strings.IndexAny(strings.TrimLeft(cell, " "), "=+-@\t\r\n|%") == 0 {
		return "'" + cell
	}
	return cell
}
