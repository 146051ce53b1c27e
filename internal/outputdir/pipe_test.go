//go:build darwin || linux

package outputdir_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/istio-egress/istio-egress/internal/outputdir"
)

// To open a pipe that nobody writes to would wait for ever.
func TestPipesAreNotOpened(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, teamA, "team-a/one.yaml")
	for _, name := range []string{"pipe", "team-a/pipe.yaml", ".render/team-b_egress_istio-egress"} {
		if err := syscall.Mkfifo(filepath.Join(dir, filepath.FromSlash(name)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, teamA, "team-a/two.yaml")
	wantFiles(t, dir, "pipe", "team-a/pipe.yaml", "team-a/two.yaml")
	_, err := outputdir.Write(t.Context(), dir, teamA, files("team-a/pipe.yaml"))
	if err == nil || !strings.Contains(err.Error(), "is a named pipe, which render did not write") {
		t.Errorf("error %v", err)
	}
}
