package output

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/istio-egress/istio-egress/explain/calls"
)

// reportGitHub prints workflow commands, which GitHub Actions shows at the lines of a pull request.
func reportGitHub(w io.Writer, r *calls.Report, _ ReportOptions) error {
	out := bufio.NewWriter(w)
	for _, result := range r.Results {
		if result.Passed() {
			continue
		}
		trace := &strings.Builder{}
		writeTrace(trace, Explained{result.Trace, result.Ignored}, false)
		fmt.Fprintf(out, "::error file=%s,line=%d,title=%s::%s\n", escapeProperty(result.File), result.Position.Line,
			escapeProperty(printable(result.Name())), escapeData(strings.Join(result.Differences, "\n")+"\n"+trace.String()))
	}
	for _, place := range r.Uncovered {
		if place.File == "" {
			fmt.Fprintf(out, "::notice title=no call::%s\n", escapeData(place.String()+" has no call in the expectations"))
			continue
		}
		fmt.Fprintf(out, "::notice file=%s,line=%d,title=no call::%s\n", escapeProperty(place.File), place.Line,
			escapeData(place.Path+" has no call in the expectations"))
	}
	fmt.Fprintln(out, summary(r))
	return out.Flush()
}

// The two escapes of workflow commands: of what follows "::", and of properties.
var (
	dataEscapes     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscapes = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func escapeData(text string) string     { return dataEscapes.Replace(text) }
func escapeProperty(text string) string { return propertyEscapes.Replace(text) }
