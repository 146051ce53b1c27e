package output

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
)

// writeGitHub prints workflow commands, which GitHub Actions shows at the lines of a pull request.
func writeGitHub(w io.Writer, findings []lint.Finding, _ Options) error {
	out := bufio.NewWriter(w)
	for _, finding := range findings {
		lines := []string{message(finding)}
		if flag := finding.Position.Flag; flag != "" { // there is no property for it
			lines[0] = flag + ": " + lines[0]
		}
		for _, related := range finding.Related {
			if place := related.Position.String(); place != "" {
				lines = append(lines, fmt.Sprintf("see %s: %s", place, about(related)))
			}
		}
		if finding.Replacement != "" {
			lines = append(lines, "values that replace it:", finding.Replacement)
		}
		fmt.Fprintf(out, "::%s %s::%s\n", finding.Severity, properties(finding), escapeData(strings.Join(lines, "\n")))
	}
	return out.Flush()
}

func properties(finding lint.Finding) string {
	title := "title=" + escapeProperty("istio-egress "+finding.ID)
	at := finding.Position
	if at.File == "" || at.Line == 0 {
		return title
	}
	return fmt.Sprintf("file=%s,line=%d,col=%d,%s", escapeProperty(at.File), at.Line, at.Column, title)
}

// The two escapes of workflow commands: of what follows "::", and of properties.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeData(text string) string     { return dataEscapes.Replace(text) }
func escapeProperty(text string) string { return propertyEscapes.Replace(text) }
