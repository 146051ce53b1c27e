package cost

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/test/wire/internal/envoy"
	"github.com/istio-egress/istio-egress/test/wire/internal/istiod"
)

// sample is a measurement of each round.
type sample []float64

func (s sample) median() float64 { return s.part(0.5) }

// part is the measurement that so many of all are less than.
func (s sample) part(share float64) float64 {
	return slices.Sorted(slices.Values(s))[int(share*float64(len(s)))]
}

// to is the ratio to another sample, round by round.
func (s sample) to(other sample) sample {
	ratio := make(sample, len(s))
	for i := range s {
		ratio[i] = s[i] / other[i]
	}
	return ratio
}

// String is the median, with the middle half of all.
func (s sample) String() string {
	return fmt.Sprintf("%.2f× (%.2f–%.2f)", s.median(), s.part(0.25), s.part(0.75))
}

// markdown prints all rows, and their ratios to the first.
func markdown(rows []*row) string {
	out := &strings.Builder{}
	fmt.Fprintf(out, "Measured on %s, %d cores, with Envoy %s and istiod's configuration of Istio %s; %d rounds.\n\n",
		processor(), runtime.NumCPU(), envoy.Version, istiod.Version, len(rows[0].latency))
	fmt.Fprintf(out, "| call | latency | ratio | with a new connection | ratio | calls a second, %d at once | ratio |\n", workers)
	out.WriteString("| --- | --- | --- | --- | --- | --- | --- |\n")
	first := rows[0]
	for _, r := range rows {
		fmt.Fprintf(out, "| %s | %.0f µs | %s | %.0f µs | %s | %.0f | %s |\n", r.name,
			r.latency.median()*1e6, r.latency.to(first.latency),
			r.connecting.median()*1e6, r.connecting.to(first.connecting),
			r.throughput.median(), r.throughput.to(first.throughput))
	}
	out.WriteString("\nHTTP/1.1, no content. Medians of the rounds, and of their ratios to the first row, with the middle half of all.\n" +
		"Workload, sidecar and server share the cores, so the ratios are what counts.\n")
	return out.String()
}

func processor() string {
	content, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "an unknown processor"
	}
	for line := range strings.Lines(string(content)) {
		name, value, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "an unknown processor"
}

// The lines between which the results stand in a document.
const (
	sectionStart = "<!-- wire: written by ci/wire -cost -write -->\n"
	sectionEnd   = "<!-- end of wire -->\n"
)

// Write puts the results into a document.
func Write(path, text string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	before, rest, started := strings.Cut(string(content), sectionStart)
	_, after, ended := strings.Cut(rest, sectionEnd)
	if !started || !ended {
		return fmt.Errorf("%s: put the lines %q and %q where the results belong", path, strings.TrimSpace(sectionStart), strings.TrimSpace(sectionEnd))
	}
	return os.WriteFile(path, []byte(before+sectionStart+"\n"+text+"\n"+sectionEnd+after), 0o644)
}
