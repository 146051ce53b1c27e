// Package lint finds what is wrong with values of the istio-egress chart, all of it in one run, with the place in the
// user's files.
//
// What the chart refuses is asked of the chart itself (render.Chart.Declare); the linter adds places, warnings, and
// what shows only across several releases:
//
//	findings, err := lint.Releases(chart, []lint.Release{{Values: render.ValuesOptions{Files: []string{"values.yaml"}}}}, lint.Options{})
//
// The error is for linting that could not be done, such as a file that does not exist. Values that cannot be read as YAML
// are findings.
//
// Add a check: one file check_<name>.go with a function in the list of checks.go, and its entry in lint/catalogue, whose
// examples are its tests.
package lint
