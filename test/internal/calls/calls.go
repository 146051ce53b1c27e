//go:build e2e

// Package calls reads and checks tables of calls: who calls which URL, and
// what becomes of the call.
//
//	from default
//	  http://my-httpbin
//	    outbound|80||httpbin.org to httpbin.org:443 tls sni=httpbin.org names=httpbin.org ca=system host httpbin.org
//	from team-b app=client
//	  ...
//
// Lines that begin with # are comments.
package calls

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// Caller is a workload's way out: its sidecar, or what carries the calls of an
// ambient pod.
type Caller interface {
	Call(target string) mesh.Outcome
}

// Check runs the calls of the file with the callers and compares the
// outcomes. With -update it writes them to the file instead.
func Check[C Caller](t *testing.T, path string, caller func(mesh.Workload) C) {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	got, err := run(string(text), func(w mesh.Workload) (Caller, error) { return caller(w), nil })
	require.NoError(t, err, path)
	golden.Equal(t, path, got)
}

// Compare runs the calls of the file with the sidecars and says how the
// outcomes differ from those in the file.
func Compare(path string, sidecar func(mesh.Workload) (*mesh.Sidecar, error)) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	got, err := run(string(text), func(w mesh.Workload) (Caller, error) { return sidecar(w) })
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if got != string(text) {
		return fmt.Errorf("%s says otherwise than this:\n%s", path, got)
	}
	return nil
}

// run returns the table with the outcomes that the callers get.
func run(table string, caller func(mesh.Workload) (Caller, error)) (string, error) {
	var out strings.Builder
	var from Caller
	for number, line := range strings.Split(strings.TrimRight(table, "\n"), "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || strings.HasPrefix(trimmed, "#"):
		case strings.HasPrefix(line, "    "):
			continue // the outcome of the call above
		case strings.HasPrefix(line, "  "):
			if from == nil {
				return "", fmt.Errorf("line %d: a call before any line that says from where", number+1)
			}
			line += "\n    " + from.Call(trimmed).String()
		case strings.HasPrefix(line, "from "):
			workload, err := parseWorkload(strings.TrimPrefix(line, "from "))
			if err != nil {
				return "", fmt.Errorf("line %d: %w", number+1, err)
			}
			if from, err = caller(workload); err != nil {
				return "", fmt.Errorf("line %d: %w", number+1, err)
			}
		default:
			return "", fmt.Errorf("line %d: %q is neither a call nor a line that says from where", number+1, line)
		}
		out.WriteString(line + "\n")
	}
	return out.String(), nil
}

// parseWorkload reads "<namespace> [<label>=<value> ...]".
func parseWorkload(text string) (mesh.Workload, error) {
	fields := strings.Fields(text)
	workload := mesh.Workload{Namespace: fields[0], Labels: map[string]string{}}
	for _, field := range fields[1:] {
		name, value, ok := strings.Cut(field, "=")
		if !ok {
			return mesh.Workload{}, fmt.Errorf("%q is no label", field)
		}
		workload.Labels[name] = value
	}
	return workload, nil
}
