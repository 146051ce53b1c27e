package report

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/words"
)

// Options are what a report says besides its rows.
type Options struct {
	Title   string   // "Egress" unless set
	Sources []string // names of the files that were read
	Unsaid  []string // see [Declaration]
	Version string   // of this software; empty if unknown
}

func (o Options) title() string {
	if o.Title == "" {
		return "Egress"
	}
	return o.Title
}

type writer func(io.Writer, []Row, Options) error

var formats = map[string]writer{
	"md": writeMarkdown, "csv": writeCSV, "json": writeJSON, "html": writeHTML, "mermaid": writeMermaid,
}

// Formats are the formats of a report, sorted.
func Formats() []string { return slices.Sorted(maps.Keys(formats)) }

// CheckFormat returns an error for a format that there is not.
func CheckFormat(format string) error {
	if formats[format] == nil {
		return fmt.Errorf("unknown format %q: want one of %s", format, strings.Join(Formats(), ", "))
	}
	return nil
}

// Write prints rows in a format. They are printed in their order.
func Write(format string, w io.Writer, rows []Row, o Options) error {
	if err := CheckFormat(format); err != nil {
		return err
	}
	return formats[format](w, rows, o)
}

// scope says what a report is of, and what it is not.
const scope = "This is what the proxies of the mesh do with calls of the names declared here. It does not say what else a pod can do: " +
	"pods without a proxy, destinations that nobody declared (outboundTrafficPolicy REGISTRY_ONLY blocks those) and traffic that passes the proxies by " +
	"(a NetworkPolicy or a firewall stops it) are outside of it. It was read from declarations, not from a running cluster."

// gradeWord is how headings and lines name a grade.
func gradeWord(g egress.Grade) string {
	switch g {
	case egress.Plaintext:
		return "plaintext"
	case egress.Opaque:
		return "opaque bytes"
	case egress.Unverified:
		return "not verified"
	case egress.WorkloadTLS:
		return "workload's own TLS"
	case egress.Verified:
		return "TLS, verified"
	case egress.Mutual:
		return "TLS + client certificate"
	}
	return string(g)
}

// gradeMeaning explains a grade in a sentence.
func gradeMeaning(g egress.Grade) string {
	switch g {
	case egress.Plaintext:
		return "HTTP that leaves unencrypted: everybody on the path reads and changes it."
	case egress.Opaque:
		return "TCP as the workload sends it: the mesh does not encrypt, and does not know whether the workload does."
	case egress.Unverified:
		return "The mesh encrypts, and accepts whoever answers: no name of the server is verified, or nothing is."
	case egress.WorkloadTLS:
		return "The workload encrypts, and the mesh passes it on unchanged: whether the server is verified is up to the workload."
	case egress.Verified:
		return "The mesh encrypts, and verifies the server's name against a CA."
	case egress.Mutual:
		return "The same, and the mesh shows the server a client certificate."
	}
	return ""
}

// needsLook tells whether a reviewer has to look at rows of a grade.
func needsLook(g egress.Grade) bool { return g == egress.Plaintext || g == egress.Unverified }

// counts says how many rows there are of each grade.
func counts(rows []Row) map[egress.Grade]int {
	count := map[egress.Grade]int{}
	for _, row := range rows {
		count[row.Grade]++
	}
	return count
}

// summary counts the rows in a sentence: by the names of the grades, as words with commas in them do not list well.
func summary(rows []Row) string {
	text := words.Count(len(rows), "way") + " out of the mesh"
	count := counts(rows)
	var parts []string
	for _, grade := range egress.Grades() {
		if n := count[grade]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, grade))
		}
	}
	if len(parts) > 0 {
		text += ": " + strings.Join(parts, ", ")
	}
	return text + "."
}

// from says who may call, in words.
func (r Row) from() string {
	if len(r.Namespaces) == 1 && r.Namespaces[0] == "*" {
		return "all namespaces"
	}
	return strings.Join(r.Namespaces, ", ")
}

// callers are those whom allowFrom lets call; nil for everybody.
func (r Row) callers() []string {
	if r.AllowFrom == nil {
		return nil
	}
	var all []string
	for _, namespace := range r.AllowFrom.Namespaces {
		all = append(all, "namespace "+namespace)
	}
	for _, account := range r.AllowFrom.ServiceAccounts {
		all = append(all, "service account "+account)
	}
	return all
}

// inOneLine takes line breaks and control characters out of what comes from manifests.
func inOneLine(text string) string {
	return strings.Map(func(char rune) rune {
		if char < ' ' || char >= 0x7f && char < 0xa0 || char == '\u2028' || char == '\u2029' {
			return ' '
		}
		return char
	}, text)
}
