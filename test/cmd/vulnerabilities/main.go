// Command vulnerabilities reads what govulncheck -format json writes and fails
// for each vulnerability whose code is called and that nobody has explained,
// and for each explanation that explains nothing any more.
//
//	govulncheck -format json ./... | vulnerabilities ci/vulnerabilities.txt
//
// A line of the file is an id and a reason. Lines that begin with "#" are comments.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: vulnerabilities EXPLANATIONS < output of govulncheck -format json")
		os.Exit(2)
	}
	explained, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = run(os.Stdin, string(explained), os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// message is one of the values that govulncheck writes.
type message struct {
	Config *struct {
		DB string `json:"db"`
	} `json:"config"`
	OSV *struct {
		ID      string `json:"id"`
		Summary string `json:"summary"`
	} `json:"osv"`
	Finding *struct {
		OSV          string `json:"osv"`
		FixedVersion string `json:"fixed_version"`
		Trace        []struct {
			Module   string `json:"module"`
			Version  string `json:"version"`
			Function string `json:"function"`
		} `json:"trace"`
	} `json:"finding"`
}

func run(in io.Reader, explanations string, out io.Writer) error {
	reasons, err := parseExplanations(explanations)
	if err != nil {
		return err
	}
	summaries, called, err := read(in)
	if err != nil {
		return err
	}
	var problems []error
	for id, where := range called {
		if reason, ok := reasons[id]; ok {
			_, _ = fmt.Fprintf(out, "%s (%s): explained: %s\n", id, where, reason)
			continue
		}
		problems = append(problems, fmt.Errorf("%s: %s: in %s, and called: update the module, or explain it", id, summaries[id], where))
	}
	for id := range reasons {
		if _, ok := called[id]; !ok {
			problems = append(problems, fmt.Errorf("%s is explained and not found: remove the explanation", id))
		}
	}
	slices.SortFunc(problems, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	_, _ = fmt.Fprintf(out, "%d vulnerabilities are called, %d problems\n", len(called), len(problems))
	return errors.Join(problems...)
}

// read returns what each vulnerability is, and the modules of those whose code is called.
func read(in io.Reader) (summaries, called map[string]string, err error) {
	summaries, called = map[string]string{}, map[string]string{}
	configured := false
	for decoder := json.NewDecoder(in); ; {
		var m message
		err := decoder.Decode(&m)
		switch {
		case errors.Is(err, io.EOF) && !configured:
			return nil, nil, errors.New("govulncheck wrote nothing: is the vulnerability database in reach?")
		case errors.Is(err, io.EOF):
			return summaries, called, nil
		case err != nil:
			return nil, nil, fmt.Errorf("read what govulncheck wrote: %w", err)
		case m.Config != nil:
			configured = true
		case m.OSV != nil:
			summaries[m.OSV.ID] = m.OSV.Summary
		case m.Finding != nil && len(m.Finding.Trace) > 0 && m.Finding.Trace[0].Function != "":
			called[m.Finding.OSV] = m.Finding.Trace[0].Module + "@" + m.Finding.Trace[0].Version
		}
	}
}

func parseExplanations(text string) (map[string]string, error) {
	reasons := map[string]string{}
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, reason, _ := strings.Cut(line, " ")
		if reason = strings.TrimSpace(reason); reason == "" {
			return nil, fmt.Errorf("%s: write the reason behind the id", id)
		}
		reasons[id] = reason
	}
	return reasons, nil
}
