package output

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/istio-egress/istio-egress/explain/calls"
)

func reportText(w io.Writer, r *calls.Report, o ReportOptions) error {
	out := bufio.NewWriter(w)
	for _, result := range r.Results {
		if result.Passed() {
			if o.Verbose {
				fmt.Fprintf(out, "ok    %s: %s\n", at(result), printable(result.Name()))
			}
			continue
		}
		fmt.Fprintf(out, "FAIL  %s: %s\n", at(result), printable(result.Name()))
		for _, difference := range result.Differences {
			fmt.Fprintf(out, "      %s\n", printable(difference))
		}
		trace := &strings.Builder{}
		writeTrace(trace, Explained{result.Trace, result.Ignored}, o.Verbose)
		for line := range strings.Lines(trace.String()) {
			fmt.Fprint(out, "      "+line)
		}
		fmt.Fprintln(out)
	}
	fmt.Fprintln(out, summary(r))
	if text := coverage(r); text != "" {
		fmt.Fprintln(out, text)
	}
	return out.Flush()
}
