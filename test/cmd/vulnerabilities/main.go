// Command vulnerabilities judges what govulncheck -format json wrote about the
// modules of a repository. It fails for each vulnerability that nobody has
// explained, and for each explanation that explains nothing any more.
//
//	vulnerabilities ci/vulnerabilities.txt REPORTS
//
// REPORTS is a folder with a file govulncheck.json for each module, in the
// module's own folder. See readReport for what counts as a vulnerability, and
// parseExplanations for the lines of the file.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: vulnerabilities EXPLANATIONS REPORTS")
		os.Exit(2)
	}
	explained, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = run(os.DirFS(os.Args[2]), string(explained), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(reports fs.FS, text string, out io.Writer) error {
	explanations, err := parseExplanations(text)
	if err != nil {
		return err
	}
	modules, err := readReports(reports)
	if err != nil {
		return err
	}
	var problems []error
	for _, module := range modules {
		problems = append(problems, module.judge(explanations, out)...)
	}
	return errors.Join(append(problems, explanations.unused(modules)...)...)
}

// judge prints what is explained, by reason, and returns an error for each vulnerability that is not.
func (r report) judge(explanations explanations, out io.Writer) []error {
	var problems []error
	_, _ = fmt.Fprintf(out, "module %s: %s\n", r.folder, r.count())
	explained := map[string][]string{}
	for _, found := range r.found {
		if reason, ok := explanations.reason(r.folder, found.id); ok {
			explained[reason] = append(explained[reason], found.String())
		} else {
			problems = append(problems, fmt.Errorf("module %s: %s: update it, or explain it", r.folder, found))
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(explained)) {
		_, _ = fmt.Fprintf(out, "  explained: %s\n    %s\n", reason, strings.Join(explained[reason], "\n    "))
	}
	return problems
}
