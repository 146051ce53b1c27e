package calls

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
)

const head = `# What these values promise, call by call: egress-explain -f VALUES --check THIS-FILE
calls:
`

// Write writes a file that expects what traces say: the verdict, the servers and the names that are verified. It is how
// people start; what is not promised is taken out by hand. The data plane is written where it is not unsaid: the one that [Read]
// will be given for calls without one.
func Write(w io.Writer, traces iter.Seq2[*explain.Trace, error], registryOnly bool, unsaid egress.DataPlane) error {
	if _, err := io.WriteString(w, head); err != nil {
		return err
	}
	for trace, err := range traces {
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, line(trace, registryOnly, unsaid)); err != nil {
			return err
		}
	}
	return nil
}

// line is an expectation in YAML.
func line(t *explain.Trace, registryOnly bool, unsaid egress.DataPlane) string {
	fields := []string{"from: " + scalar(t.Call.From.String()), "to: " + scalar(t.Call.URL)}
	if t.Call.From.ServiceAccount != "" {
		fields = append(fields, "serviceAccount: "+scalar(t.Call.From.ServiceAccount))
	}
	if plane := cmp.Or(t.Call.From.DataPlane, egress.DataPlaneSidecar); plane != unsaid && !t.Call.NoSidecar {
		fields = append(fields, "dataPlane: "+string(plane))
	}
	if t.Call.ServerName != "" {
		fields = append(fields, "sni: "+scalar(t.Call.ServerName))
	}
	if t.Call.NoSidecar {
		fields = append(fields, "noSidecar: true")
	}
	if registryOnly {
		fields = append(fields, "registryOnly: true")
	}
	expect := []string{"verdict: " + string(t.Verdict)}
	if len(t.Upstream) > 0 {
		expect = append(expect, "upstream: "+list(t.Upstream))
	}
	if t.Through != "" {
		expect = append(expect, "through: "+scalar(t.Through))
	}
	if t.TLS != nil && t.Verdict != explain.SentMeshMTLS {
		expect = append(expect, "verifies: "+list(t.TLS.Verifies))
	}
	fields = append(fields, "expect: {"+strings.Join(expect, ", ")+"}")
	return fmt.Sprintf("  - {%s}\n", strings.Join(fields, ", "))
}

func list(names []string) string {
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = scalar(name)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// scalar writes a text, in quotes where YAML would read something else inside of braces.
func scalar(text string) string {
	_, err := strconv.ParseFloat(text, 64)
	simple := err != nil && text != "" && !strings.ContainsAny(text, " ,[]{}#\"'&*!|>%@`?") && !strings.HasSuffix(text, ":") &&
		!strings.HasPrefix(text, "-") && !word[strings.ToLower(text)]
	if simple {
		return text
	}
	quoted, _ := json.Marshal(text) // a text is always valid
	return string(quoted)
}

// word are texts that YAML 1.1 reads as something else.
var word = map[string]bool{"y": true, "n": true, "yes": true, "no": true, "on": true, "off": true, "true": true, "false": true, "null": true, "~": true}
