package outputdir_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/outputdir"
)

var (
	teamA = outputdir.Owner{Chart: "istio-egress", Namespace: "team-a", Release: "egress"}
	teamB = outputdir.Owner{Chart: "istio-egress", Namespace: "team-b", Release: "egress"}
)

func files(names ...string) []outputdir.File {
	var all []outputdir.File
	for _, name := range names {
		all = append(all, outputdir.File{Name: name, Content: "of " + name + "\n"})
	}
	return all
}

func write(t *testing.T, dir string, owner outputdir.Owner, names ...string) outputdir.Changes {
	t.Helper()
	changes, err := outputdir.Write(t.Context(), dir, owner, files(names...))
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

// list returns the names of all that is in a folder but the records, sorted.
func list(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if name = filepath.ToSlash(name); !strings.HasPrefix(name, ".render/") || strings.Contains(name, "staging") {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func wantFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	if got := list(t, dir); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
}

func TestEachOwnerHasItsOwnFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deep", "out")
	write(t, dir, teamA, "shared/a.yaml", "team-a/one.yaml", "team-a/two.yaml")
	write(t, dir, teamB, "shared/b.yaml", "team-b/one.yaml")
	wantFiles(t, dir, "shared/a.yaml", "shared/b.yaml", "team-a/one.yaml", "team-a/two.yaml", "team-b/one.yaml")

	changes := write(t, dir, teamA, "team-a/two.yaml", "team-a/three.yaml")
	wantFiles(t, dir, "shared/b.yaml", "team-a/three.yaml", "team-a/two.yaml", "team-b/one.yaml")
	if want := []string{"shared/a.yaml", "team-a/one.yaml"}; !slices.Equal(changes.Removed, want) {
		t.Errorf("removed %v, want %v", changes.Removed, want)
	}

	write(t, dir, teamA)
	wantFiles(t, dir, "shared/b.yaml", "team-b/one.yaml")
	write(t, dir, teamB)
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 0 {
		t.Errorf("left %v, %v: want an empty folder", entries, err)
	}
}

func TestFilesOfOthersAreRefused(t *testing.T) {
	for name, tc := range map[string]struct {
		prepare func(t *testing.T, dir string)
		want    string
	}{
		"somebody's file": {
			func(t *testing.T, dir string) { put(t, dir, "team-a/one.yaml") },
			"team-a/one.yaml is there already, and no render of release egress of istio-egress in namespace team-a wrote it",
		},
		"another release's": {
			func(t *testing.T, dir string) { write(t, dir, teamB, "team-a/one.yaml") },
			"belongs to release egress of istio-egress in namespace team-b",
		},
		"a link": {
			func(t *testing.T, dir string) {
				put(t, dir, "elsewhere")
				link(t, "../elsewhere", filepath.Join(dir, "team-a", "one.yaml"))
			},
			"one.yaml is a symbolic link, which render did not write",
		},
		"a link to a folder": {
			func(t *testing.T, dir string) { link(t, t.TempDir(), filepath.Join(dir, "team-a")) },
			"team-a is a symbolic link, want a directory",
		},
		"a link for records": {
			func(t *testing.T, dir string) { link(t, t.TempDir(), filepath.Join(dir, ".render")) },
			".render is a symbolic link, want a directory",
		},
		"a folder": {
			func(t *testing.T, dir string) { put(t, dir, "team-a/one.yaml/file") },
			"one.yaml is a directory",
		},
		"a file for a folder": {
			func(t *testing.T, dir string) { put(t, dir, "team-a") },
			"team-a is a file, want a directory",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			tc.prepare(t, dir)
			before := list(t, dir)
			_, err := outputdir.Write(t.Context(), dir, teamA, files("other/two.yaml", "team-a/one.yaml"))
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			wantFiles(t, dir, before...)
		})
	}
}

// What took the place of a file since is not render's any more, and a record cannot lead out of the folder.
func TestWhatIsNoFileStays(t *testing.T) {
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	put(t, parent, "precious.yaml")
	write(t, dir, teamA, "team-a/one.yaml", "team-a/two.yaml")
	if err := os.Remove(filepath.Join(dir, "team-a", "one.yaml")); err != nil {
		t.Fatal(err)
	}
	link(t, "../../precious.yaml", filepath.Join(dir, "team-a", "one.yaml"))
	appendTo(t, filepath.Join(dir, ".render", "team-a_egress_istio-egress"), "../precious.yaml\n"+filepath.Join(parent, "precious.yaml")+"\n")

	write(t, dir, teamA, "team-a/two.yaml")
	wantFiles(t, dir, "team-a/one.yaml", "team-a/two.yaml")
	if _, err := os.Stat(filepath.Join(parent, "precious.yaml")); err != nil {
		t.Error(err)
	}
}

func TestNamesStayInTheFolder(t *testing.T) {
	parent := t.TempDir()
	for _, name := range []string{"../out.yaml", "/out.yaml", "a/../../out.yaml", ""} {
		if _, err := outputdir.Write(t.Context(), filepath.Join(parent, "out"), teamA, files(name)); err == nil {
			t.Errorf("%q was written", name)
		}
	}
	wantFiles(t, parent)
}

func TestFolderIsAFile(t *testing.T) {
	dir := t.TempDir()
	put(t, dir, "README.md")
	_, err := outputdir.Write(t.Context(), filepath.Join(dir, "README.md"), teamA, files("a/b.yaml"))
	if err == nil || !strings.Contains(err.Error(), "README.md is a file, want a directory") {
		t.Errorf("error %v", err)
	}
}

var errStop = errors.New("stop")

func TestInterruptedBeforeAllIsReady(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, teamA, "team-a/one.yaml")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errStop)
	if _, err := outputdir.Write(ctx, dir, teamA, files("team-a/two.yaml")); !errors.Is(err, errStop) {
		t.Errorf("error %v, want the context's cause", err)
	}
	wantFiles(t, dir, "team-a/one.yaml")
}

// A call that is killed leaves a staging folder, and perhaps files that it moved already: the record names both.
func TestAfterAKill(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, teamA, "team-a/one.yaml")
	put(t, dir, ".render/staging-ABC/0")
	write(t, dir, teamB, "team-b/one.yaml")
	wantFiles(t, dir, "team-a/one.yaml", "team-b/one.yaml")

	appendTo(t, filepath.Join(dir, ".render", "team-a_egress_istio-egress"), "team-a/two.yaml\n")
	put(t, dir, "team-a/two.yaml")
	write(t, dir, teamA, "team-a/two.yaml")
	wantFiles(t, dir, "team-a/two.yaml", "team-b/one.yaml")
}

// A failure in the middle gives back what was there.
func TestFailureInTheMiddle(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, teamA, "team-a/one.yaml")
	_, err := outputdir.Write(t.Context(), dir, teamA, []outputdir.File{
		{Name: "team-a/one.yaml", Content: "new"}, {Name: "team-b/two.yaml", Content: "new"}, {Name: "team-b/two.yaml/inside.yaml", Content: "new"},
	})
	if err == nil {
		t.Fatal("no error")
	}
	wantFiles(t, dir, "team-a/one.yaml")
	content, err := os.ReadFile(filepath.Join(dir, "team-a", "one.yaml"))
	if err != nil || string(content) != "of team-a/one.yaml\n" {
		t.Errorf("content %q, %v", content, err)
	}
}

func put(t *testing.T, dir, name string) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("---\n# Source: istio-egress/templates/service.yaml\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func appendTo(t *testing.T, path, text string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append(content, text...), 0o600); err != nil {
		t.Fatal(err)
	}
}

func link(t *testing.T, to, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(to, path); err != nil {
		t.Fatal(err)
	}
}
