package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The archive of a release has the command, which says the release's version.
func TestArchiveHasTheCommand(t *testing.T) {
	dist := t.TempDir()
	platform := runtime.GOOS + "/" + runtime.GOARCH
	build := exec.CommandContext(t.Context(), "../../../ci/release-explain", "build", dist)
	// The flags are the linker's alone, so that nothing is compiled anew.
	build.Env = append(os.Environ(), "PLATFORMS="+platform, "FLAGS=-ldflags=-X=main.release=v97.0.0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	archive := filepath.Join(dist, "egress-explain-"+strings.ReplaceAll(platform, "/", "-")+".tar.gz")
	unpacked := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "tar", "-xzf", archive, "-C", unpacked).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, file := range []string{"LICENSE", "licences.csv"} {
		if read(t, unpacked, file) == "" {
			t.Errorf("%s is empty", file)
		}
	}
	out, err := exec.CommandContext(t.Context(), filepath.Join(unpacked, "egress-explain"), "version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(out), "egress-explain v97.0.0, Istio 1.") {
		t.Errorf("%v: %s", err, out)
	}
}
