package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fakeExplain puts a program in place of egress-explain on the PATH.
func fakeExplain(t *testing.T, script string) {
	t.Helper()
	folder := t.TempDir()
	t.Setenv("PATH", folder)
	if script == "" {
		return
	}
	if err := os.WriteFile(filepath.Join(folder, explainCommand), []byte("#!/bin/sh\n"+script+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestExplainExecutesTheProgram(t *testing.T) {
	fakeExplain(t, `echo "$@"; read line; echo "$line" >&2; exit 1`)
	status, stdout, stderr := execute("from stdin\n", "explain", "-f", "values.yaml", "--help", "http://a b/")
	if status != 1 || stdout != "-f values.yaml --help http://a b/\n" || stderr != "from stdin\n" {
		t.Errorf("status %d, stdout %q, stderr %q", status, stdout, stderr)
	}
	fakeExplain(t, "exit 0")
	if status, _, stderr := execute("", "explain", "http://a/"); status != exitOK || stderr != "" {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}

func TestExplainSaysHowToInstallTheProgram(t *testing.T) {
	fakeExplain(t, "")
	status, _, stderr := execute("", "explain", "http://a/")
	if status != exitFailed || !strings.Contains(stderr, "go install github.com/istio-egress/istio-egress/explain/cmd/egress-explain@latest") {
		t.Errorf("status %d, stderr %q", status, stderr)
	}
}
