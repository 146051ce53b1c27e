package output

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/istio-egress/istio-egress/explain/calls"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
	Output   string      `xml:"system-out,omitempty"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr"`
	Line    int           `xml:"line,attr"`
	Failure *junitFailure `xml:"failure"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// reportJUnit prints a suite for each file, which CI systems show as tests.
func reportJUnit(w io.Writer, r *calls.Report, _ ReportOptions) error {
	all := junitSuites{Tests: len(r.Results), Failures: r.Failed()}
	for _, result := range r.Results {
		if n := len(all.Suites); n == 0 || all.Suites[n-1].Name != result.File {
			all.Suites = append(all.Suites, junitSuite{Name: result.File})
		}
		suite := &all.Suites[len(all.Suites)-1]
		suite.Tests++
		test := junitCase{Name: printable(result.Name()), Class: result.File, File: result.File, Line: result.Position.Line}
		if !result.Passed() {
			suite.Failures++
			trace := &strings.Builder{}
			writeTrace(trace, Explained{result.Trace, result.Ignored}, false)
			test.Failure = &junitFailure{printable(strings.Join(result.Differences, "; ")), trace.String()}
		}
		suite.Cases = append(suite.Cases, test)
	}
	if n := len(all.Suites); n > 0 {
		all.Suites[n-1].Output = coverage(r)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", "  ")
	if err := encoder.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
