package main

import "path/filepath"

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
		{helmLint, [][]string{lint(t.helm3)}},
		{helmLintShared, [][]string{lint(t.sharedScheme)}},
		{kubeconform, [][]string{template(t.helm3), validate}},
	}
	if entries <= helm4LintMost {
		all = append(all, subject{helm4Lint, [][]string{lint(t.helm4)}})
	}
	return all
}
