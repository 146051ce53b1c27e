//go:build e2e

package cluster

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var errNotReady = errors.New("not yet")

func start(t *testing.T, script string) *process {
	t.Helper()
	p, err := launch(t.Context(), t.TempDir(), "script", "/bin/sh", []string{"-c", script}, nil)
	require.NoError(t, err)
	t.Cleanup(func() { p.stop(time.Minute) })
	return p
}

func TestStopEndsTheWholeGroup(t *testing.T) {
	p := start(t, "sleep 600 & echo $!; wait")
	require.NoError(t, p.waitFor(t.Context(), func() error {
		if !strings.HasSuffix(p.tail(), "\n") {
			return errNotReady
		}
		return nil
	}, time.Minute))
	require.Len(t, alive(t, p), 2)
	p.stop(time.Minute)
	assert.Empty(t, alive(t, p))
}

func TestStopEndsWhatIgnoresSIGTERM(t *testing.T) {
	p := start(t, "trap '' TERM; echo ready; while :; do sleep 1; done")
	require.NoError(t, p.waitFor(t.Context(), func() error {
		if p.tail() == "" {
			return errNotReady
		}
		return nil
	}, time.Minute))
	p.stop(100 * time.Millisecond)
	assert.Empty(t, alive(t, p))
}

// alive lists the processes of the group that have not ended.
func alive(t *testing.T, p *process) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ps", "-A", "-o", "pgid=,stat=,args=").Output()
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if fields[0] == strconv.Itoa(p.cmd.Process.Pid) && !strings.HasPrefix(fields[1], "Z") {
			lines = append(lines, line)
		}
	}
	return lines
}

func TestWaitForTellsWhatAnEndedProcessSaid(t *testing.T) {
	p := start(t, "echo no such flag; exit 3")
	err := p.waitFor(t.Context(), func() error { return errNotReady }, time.Minute)
	assert.ErrorContains(t, err, "exit status 3")
	assert.ErrorContains(t, err, "no such flag")
}

func TestWaitForGivesUp(t *testing.T) {
	p := start(t, "sleep 600")
	assert.ErrorIs(t, p.waitFor(t.Context(), func() error { return errNotReady }, time.Millisecond), errNotReady)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.ErrorIs(t, p.waitFor(ctx, func() error { return errNotReady }, time.Minute), context.Canceled)
}

func TestFailedStartLeavesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Start(ctx)
	require.ErrorIs(t, err, context.Canceled)
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	assert.Empty(t, left)
}
