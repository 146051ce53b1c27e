package inputfile_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/inputfile"
)

func TestTree(t *testing.T) {
	folder := t.TempDir()
	for _, name := range []string{"b.yaml", "a.json", "notes.txt", "below/c.yml", ".git/d.yaml", "empty/notes.txt"} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	notes := filepath.Join(folder, "notes.txt")
	got, err := inputfile.Tree([]string{notes, folder, "-", "missing.yaml"}, ".yaml", ".yml", ".json")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{notes, filepath.Join(folder, "a.json"), filepath.Join(folder, "b.yaml"), filepath.Join(folder, "below", "c.yml"), "-", "missing.yaml"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	_, err = inputfile.Tree([]string{filepath.Join(folder, "empty")}, ".yaml", ".yml", ".json")
	if err == nil || !strings.HasSuffix(err.Error(), "empty: no .yaml, .yml or .json file in it") {
		t.Errorf("a folder without such files: %v", err)
	}
}
