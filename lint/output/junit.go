package output

import (
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
)

// junitSuites is the document that CI systems read as the result of tests: a suite for each file, a test case for each finding,
// and one that passes where there are none.
type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitMessage `xml:"failure"`
	Skipped *junitMessage `xml:"skipped"` // a warning that does not fail
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// writeJUnit prints findings as tests that failed. Warnings are skipped tests, unless they fail too.
func writeJUnit(w io.Writer, findings []lint.Finding, o Options) error {
	all := junitSuites{Name: "istio-egress lint"}
	if len(findings) == 0 {
		subject := printable(o.Subject)
		all.Suites = []junitSuite{{Name: subject, Cases: []junitCase{{Name: "no problems", Class: subject}}}}
	}
	index := map[string]int{}
	for _, finding := range findings {
		file := printable(cmp.Or(finding.Position.File, "flags"))
		i, known := index[file]
		if !known {
			i = len(all.Suites)
			index[file] = i
			all.Suites = append(all.Suites, junitSuite{Name: file})
		}
		all.Suites[i].Cases = append(all.Suites[i].Cases, junitCaseOf(finding, file, o.Strict))
	}
	all.count()
	return writeXML(w, all)
}

func junitCaseOf(finding lint.Finding, file string, strict bool) junitCase {
	testCase := junitCase{Name: strings.TrimSpace(finding.ID + " " + printable(finding.Position.String())), Class: file, Line: finding.Position.Line}
	if finding.Position.File != "" {
		testCase.File = file
	}
	said := &junitMessage{Message: printable(message(finding)), Type: finding.ID, Text: details(finding)}
	if finding.Severity == lint.Error || strict {
		testCase.Failure = said
		return testCase
	}
	said.Type = ""
	testCase.Skipped = said
	return testCase
}

// details is all that is said of a finding, as text of several lines.
func details(finding lint.Finding) string {
	said := fmt.Sprintf("%s: %s [%s]", finding.Severity, printable(message(finding)), finding.ID)
	if place := finding.Position.String(); place != "" {
		said = printable(place) + ": " + said
	}
	lines := []string{said}
	for _, related := range finding.Related {
		if place := related.Position.String(); place != "" {
			lines = append(lines, fmt.Sprintf("see %s: %s", printable(place), printable(about(related))))
		}
	}
	if finding.Replacement != "" {
		lines = append(lines, "values that replace it:", finding.Replacement)
	}
	return strings.Join(lines, "\n")
}

func (s *junitSuites) count() {
	for i := range s.Suites {
		suite := &s.Suites[i]
		suite.Tests = len(suite.Cases)
		for _, testCase := range suite.Cases {
			if testCase.Failure != nil {
				suite.Failures++
			}
			if testCase.Skipped != nil {
				suite.Skipped++
			}
		}
		s.Tests, s.Failures, s.Skipped = s.Tests+suite.Tests, s.Failures+suite.Failures, s.Skipped+suite.Skipped
	}
}

func writeXML(w io.Writer, document any) error {
	text, err := xml.MarshalIndent(document, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%s\n", xml.Header, text)
	return err
}
