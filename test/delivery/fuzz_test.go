package delivery

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

// goStandIn fails as go test -fuzz does: the first FAILURES times, with OUTPUT. It writes down how it was called.
const goStandIn = `#!/bin/sh
echo "go $*" >>"$CALLS"
[ "$(wc -l <"$CALLS")" -gt "$FAILURES" ] && exit
printf %b "$OUTPUT"
exit 1
`

// ci/fuzz fails for a finding, and runs a target again that Go merely cut off.
func TestFuzzTellsFindingFromDeadline(t *testing.T) {
	const (
		cutOff  = `--- FAIL: FuzzAny (11.08s)\n    context deadline exceeded\nFAIL\n`
		finding = `--- FAIL: FuzzAny (1.08s)\n    --- FAIL: FuzzAny (0.00s)\n        any_test.go:7: context deadline exceeded\n    \n    Failing input written to testdata/fuzz/FuzzAny/1\n`
	)
	targets := strings.Count(fuzzTargets(t), "func Fuzz")
	for name, c := range map[string]struct {
		failures, output string
		calls            int
		fails            bool
	}{
		"nothing found":            {"0", "", targets, false},
		"cut off once":             {"1", cutOff, targets + 1, false},
		"cut off in every attempt": {"3", cutOff, 3, true},
		"a finding":                {"1", finding, 1, true},
		"a package does not build": {"1", `FAIL\t./any [build failed]\n`, 1, true},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			calls := filepath.Join(folder, "calls")
			require.NoError(t, os.WriteFile(filepath.Join(folder, "go"), []byte(goStandIn), 0o700))
			cmd := exec.CommandContext(t.Context(), filepath.Join(project.Root(), "ci", "fuzz"), "1s")
			cmd.Env = append(os.Environ(), "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"),
				"CALLS="+calls, "FAILURES="+c.failures, "OUTPUT="+c.output)
			out, err := cmd.CombinedOutput()
			assert.Equal(t, c.fails, err != nil, string(out))
			assert.Equal(t, c.calls, strings.Count(read(t, calls), "\n"), read(t, calls))
		})
	}
}

// fuzzTargets returns the lines that declare the fuzz targets of the root module.
func fuzzTargets(t *testing.T) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "grep", "-h", "^func Fuzz", "--", "*_test.go", ":!test")
	cmd.Dir = project.Root()
	out, err := cmd.Output()
	require.NoError(t, err)
	return string(out)
}
