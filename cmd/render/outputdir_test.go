package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func listFiles(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			name, _ := filepath.Rel(dir, path)
			files = append(files, filepath.ToSlash(name))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

func TestOutputDir(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "out")
	args := []string{"--chart", testChart, "--output-dir", dir}

	status, stdout, stderr := execute("", append(args, "--set", "services.my-http.port=81")...)
	if status != exitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	want := []string{
		"default/service-default-http.yaml", "default/service-my-http.yaml",
		"default/serviceentry-default-http.yaml", "default/serviceentry-my-http.yaml",
	}
	if got := listFiles(t, dir); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	if !strings.Contains(stdout, "wrote "+filepath.Join(dir, want[0])) {
		t.Errorf("output %s", stdout)
	}
	content, err := os.ReadFile(filepath.Join(dir, want[1]))
	if err != nil || !strings.HasPrefix(string(content), "---\n# Source: objects/templates/service.yaml\napiVersion: v1\n") {
		t.Errorf("content %s, %v", content, err)
	}

	// A second render replaces the first: the object that is gone is gone.
	status, _, stderr = execute("", append(args, "--set", "services.default-http.port=82")...)
	if status != exitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	want = []string{"default/service-default-http.yaml", "default/serviceentry-default-http.yaml"}
	if got := listFiles(t, dir); !slices.Equal(got, want) {
		t.Errorf("files after the second render %v, want %v", got, want)
	}
	if siblings := listFiles(t, filepath.Dir(dir)); len(siblings) != len(want) {
		t.Errorf("temporary files stay behind: %v", siblings)
	}
}

func TestOutputDirIsAllOrNone(t *testing.T) {
	parent := t.TempDir()
	foreign := filepath.Join(parent, "foreign")
	if err := os.Mkdir(foreign, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(foreign, "README.md"), []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		dir, set, want string
		status         int
	}{
		"foreign content": {foreign, "a=b", "README.md, which render did not write", exitFailed},
		"a file":          {filepath.Join(foreign, "README.md"), "a=b", "is a file, want a directory", exitFailed},
		"current":         {".", "a=b", "other than the current one", exitFailed},
		"refused values":  {filepath.Join(parent, "new"), "services.x=1", "services", exitRefused},
		"odd name":        {filepath.Join(parent, "new"), `services.a/b.port=1`, "cannot be a file name", exitFailed},
	} {
		t.Run(name, func(t *testing.T) {
			before := listFiles(t, parent)
			status, stdout, stderr := execute("", "--chart", testChart, "--output-dir", tc.dir, "--set", tc.set)
			if status != tc.status || stdout != "" || !strings.Contains(stderr, tc.want) {
				t.Errorf("status %d, output %q, errors %q, want %q", status, stdout, stderr, tc.want)
			}
			if after := listFiles(t, parent); !slices.Equal(before, after) {
				t.Errorf("files before %v, after %v", before, after)
			}
		})
	}
}
