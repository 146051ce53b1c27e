package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// The names of what is measured of egress-explain.
const (
	explainStart = "egress-explain --help"
	explainCall  = "egress-explain URL"
	explainCalls = "egress-explain URL, and 1,000 more"
	explainAll   = "egress-explain --all"
)

// furtherCalls are those that explainCalls asks for after the first.
const furtherCalls = 1_000

// buildExplain builds egress-explain into a folder. Its module requires the root module in a version that may not be released
// yet: it is built in the workspace of the two.
func buildExplain(ctx context.Context, folder string) (string, error) {
	path := filepath.Join(folder, "egress-explain")
	cmd := exec.CommandContext(ctx, "go", "build", "-o", path, "./explain/cmd/egress-explain")
	cmd.Dir = root()
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build egress-explain: %w\n%s", err, out)
	}
	return path, nil
}

// entry matches the first port of an entry of the sample.
var entry = regexp.MustCompile(`(?m)^  name: (\S+)\n  namespace: (\S+)\n  ports:\n  - name: (http|https|tls)\n    port: (\d+)$`)

// callOf is a call of a name of the values, by a workload of its namespace.
func callOf(values []byte) (namespace, url string, err error) {
	found := entry.FindStringSubmatch(string(values))
	if found == nil {
		return "", "", errors.New("the values have no entry to call")
	}
	return found[2], fmt.Sprintf("%s://%s.%s:%s", found[3], found[1], found[2], found[4]), nil
}

func (t *tools) explainSubjects(values string) ([]subject, error) {
	data, err := os.ReadFile(values)
	if err != nil {
		return nil, err
	}
	namespace, url, err := callOf(data)
	if err != nil {
		return nil, err
	}
	command := t.explain
	call := []string{command, "--values", values, "--from", namespace}
	return []subject{
		{explainStart, [][]string{{command, "--help"}}},
		{explainCall, [][]string{append(slices.Clone(call), url)}},
		{explainCalls, [][]string{append(slices.Clone(call), slices.Concat([]string{"--why-not=false"}, slices.Repeat([]string{url}, 1+furtherCalls))...)}},
		{explainAll, [][]string{{command, "--values", values, "--all"}}},
	}, nil
}

// limit is what egress-explain may take at most, on two cores.
type limit struct {
	name    string
	entries int // 0 for the largest number
	cpu     func(taken map[string]runs) sampled
	seconds float64 // 0 for none: it is measured, and stated
	memory  string  // of this subject; empty for none
	most    float64 // of memory, in bytes; 0 for none
}

const gibibyte = 1 << 30

func taking(name string) func(map[string]runs) sampled {
	return func(taken map[string]runs) sampled { return taken[name].cpuSeconds() }
}

// further is the time of a call after the first. The first also tells what was ignored, which takes longer: it counts as none.
func further(taken map[string]runs) sampled {
	var each sampled
	for _, all := range taken[explainCalls].cpuSeconds() {
		each = append(each, max(0, all-taken[explainCall].cpuSeconds().median())/furtherCalls)
	}
	return each
}

var limits = []limit{
	{"start", 0, taking(explainStart), 0.1, explainStart, 0},
	{"a call, 10 entries", 10, taking(explainCall), 0.3, explainCall, 0},
	{"a call, 1,000 entries", 1_000, taking(explainCall), 2, explainCall, 200 << 20},
	{"a call, 10,000 entries", 10_000, taking(explainCall), 20, explainCall, gibibyte},
	{"a further call", 0, further, 0.001, "", 0},
	{"`--all`", 0, taking(explainAll), 0, explainAll, 0},
}

// at returns the runs that a limit is for; nil when its number of entries was not measured.
func (l limit) at(r *results) (int, map[string]runs) {
	entries := l.entries
	if entries == 0 {
		entries = r.largest()
	}
	taken := r.taken[entries]
	if len(taken[explainCall]) == 0 {
		return entries, nil
	}
	return entries, taken
}

// writeExplain prints what egress-explain takes, in CPU time and as ratios to render.
func (r *results) writeExplain(out *strings.Builder) {
	if len(r.taken[r.largest()][explainCall]) == 0 {
		return
	}
	fmt.Fprintf(out, "\n| `egress-explain` | CPU time | of `render` with as many entries | memory | target |\n| --- | --- | --- | --- | --- |\n")
	for _, l := range limits {
		entries, taken := l.at(r)
		if taken == nil {
			continue
		}
		name := l.name
		if l.entries == 0 {
			name += ", " + thousands(entries) + " entries"
		}
		used, memory := l.cpu(taken), ""
		if l.memory != "" {
			memory = mebibytes(taken[l.memory].memory().median())
		}
		fmt.Fprintf(out, "| %s | %s | %s | %s | %s |\n", name, used.with(short), ratios(used, taken[render].cpuSeconds()).with(times), memory, l.verdict(taken))
	}
}

// short prints seconds, and what is less than one in milliseconds.
func short(value float64) string {
	if value < 0.01 {
		return fmt.Sprintf("%.2g ms", 1000*value)
	}
	return seconds(value)
}

func (l limit) verdict(taken map[string]runs) string {
	if l.seconds == 0 {
		return "stated"
	}
	text := "at most " + short(l.seconds)
	if l.most > 0 {
		text += ", " + mebibytes(l.most)
	}
	if l.exceeded(taken, 1) != nil {
		return text + ": missed"
	}
	return text + ": reached"
}

// exceeded returns an error when the limit is exceeded by more than a factor.
func (l limit) exceeded(taken map[string]runs, factor float64) error {
	if used := l.cpu(taken).median(); l.seconds > 0 && used > l.seconds*factor {
		return fmt.Errorf("egress-explain, %s: %s of CPU time; the target is %s", l.name, short(used), short(l.seconds))
	}
	if l.most == 0 {
		return nil
	}
	if used := taken[l.memory].memory().median(); used > l.most*factor {
		return fmt.Errorf("egress-explain, %s: %s; the target is %s", l.name, mebibytes(used), mebibytes(l.most))
	}
	return nil
}

// checkExplain returns an error that names every limit that is exceeded twice.
func (r *results) checkExplain() error {
	var all []error
	for _, l := range limits {
		if _, taken := l.at(r); taken != nil {
			all = append(all, l.exceeded(taken, 2))
		}
	}
	return errors.Join(all...)
}
