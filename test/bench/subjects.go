package main

import (
	"bytes"
	"path/filepath"
)

// subject is something that is measured: a command, or commands joined by a pipe.
type subject struct {
	name string
	pipe [][]string
}

// The names of what is measured, as they stand in the table.
const (
	render         = "render"
	helmTemplate   = "helm template (helm 3)"
	helm4Template  = "helm template (helm 4)"
	renderLint     = "render lint"
	renderReport   = "render report"
	renderPage     = "render report -o html"
	renderDiff     = "render diff"
	helmLint       = "helm lint (helm 3)"
	helmLintShared = "helm lint (helm 3), one scheme"
	helm4Lint      = "helm lint (helm 4)"
	kubeconform    = "helm template | kubeconform"
	// pipeline is not run by itself: its two halves follow each other, so it
	// takes as long as both of the same round.
	pipeline = "helm lint && helm template | kubeconform"
)

// helm4LintMost is the most entries for which helm 4's lint is run: it does as
// helm 3's does, which takes minutes for more.
const helm4LintMost = 1_000

// changedName names the values that others are compared with.
func changedName(values string) string { return values + ".changed" }

// changed are values in which many calls change.
func changed(values []byte) []byte {
	return bytes.ReplaceAll(values, []byte("port: 80\n"), []byte("port: 81\n"))
}

// subjects are run in this order in every round, so that whatever else the
// machine does meets all of them alike.
func (t *tools) subjects(entries int, values, schemas string) []subject {
	chart := filepath.Join(root(), "charts", "istio-egress")
	template := func(helm string) []string { return []string{helm, "template", chart, "--values", values} }
	lint := func(helm string) []string { return []string{helm, "lint", chart, "--values", values} }
	validate := []string{
		t.kubeconform, "-strict", "-summary",
		"-schema-location", filepath.Join(schemas, schemaPattern),
	}
	all := []subject{
		{render, [][]string{{t.render, "--values", values}}},
		{helmTemplate, [][]string{template(t.helm3)}},
		{helm4Template, [][]string{template(t.helm4)}},
		{renderLint, [][]string{{t.render, "lint", "--values", values}}},
		{renderReport, [][]string{{t.render, "report", "--values", values}}},
		{renderPage, [][]string{{t.render, "report", "--values", values, "--output", "html"}}},
		{renderDiff, [][]string{{t.render, "diff", values, changedName(values), "--fail-on", "none"}}},
		{helmLint, [][]string{lint(t.helm3)}},
		{helmLintShared, [][]string{lint(t.sharedScheme)}},
		{kubeconform, [][]string{template(t.helm3), validate}},
	}
	if entries <= helm4LintMost {
		all = append(all, subject{helm4Lint, [][]string{lint(t.helm4)}})
	}
	return all
}
