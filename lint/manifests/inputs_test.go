package manifests_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/manifests"
	"github.com/istio-egress/istio-egress/lint/output"
)

// lintFile lints a file, with the flags of its first line if it has some there, and prints what a user would see.
func lintFile(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(data), "\n")
	flags := strings.Fields(strings.TrimPrefix(first, "# flags: "))
	findings, read, err := manifests.Lint([]string{"-"}, bytes.NewReader(data), lint.Options{DNSCapture: slices.Contains(flags, "--dns-capture")})
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if err := output.Write("text", &text, findings, output.Options{Subject: read.String()}); err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(text.String(), "<stdin>", filepath.Base(path))
}

func inputs(t *testing.T, pattern string) []string {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) < 10 {
		t.Fatalf("%d files of %s, %v", len(files), pattern, err)
	}
	return files
}

// What people had in their manifests is found, at its line and with a way out.
func TestFound(t *testing.T) {
	for _, path := range inputs(t, "testdata/found/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			golden.Equal(t, strings.TrimSuffix(path, "yaml")+"txt", lintFile(t, path))
		})
	}
}

// Manifests that work are left alone: Istio's own samples and tasks among them, written anew.
func TestClean(t *testing.T) {
	for _, path := range inputs(t, "testdata/clean/*.yaml") {
		t.Run(filepath.Base(path), func(t *testing.T) {
			if text := lintFile(t, path); !strings.HasPrefix(text, "no problems in 1 file") {
				t.Error(text)
			}
		})
	}
}
