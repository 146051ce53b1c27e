package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// listFiles returns the files of a folder, without the records of who wrote them.
func listFiles(t *testing.T, dir string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() && filepath.Base(filepath.Dir(path)) != ".render" {
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
	status, stdout, stderr = execute("", append(args, "--set", "services.default-http.port=82")...)
	if status != exitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	if !strings.Contains(stdout, "removed "+filepath.Join(dir, want[1])) {
		t.Errorf("output %s", stdout)
	}
	want = []string{"default/service-default-http.yaml", "default/serviceentry-default-http.yaml"}
	if got := listFiles(t, dir); !slices.Equal(got, want) {
		t.Errorf("files after the second render %v, want %v", got, want)
	}
}

// A folder for all namespaces, as repositories of rendered manifests have it.
func TestOutputDirOfSeveralReleases(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	if err := os.WriteFile("README.md", []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	values := []string{"--output-dir", ".", "--set-json", `externalNameServices={"api":{"externalName":"api.example.com","ports":[{"name":"https","port":443}],"tls":{"mode":"DISABLE"}}}`}
	other := []string{"--output-dir", ".", "--set-json", strings.ReplaceAll(values[3], "api", "search")}
	for _, args := range [][]string{
		append(values, "-n", "team-a"), append(values, "-n", "team-b"), append(other, "-n", "team-b", "--release-name", "second"), append(other, "-n", "team-a"),
	} {
		if status, _, stderr := execute("", args...); status != exitOK {
			t.Fatalf("status %d: %s", status, stderr)
		}
	}
	want := []string{
		"README.md",
		"team-a/service-search.yaml", "team-a/serviceentry-search.example.com.yaml",
		"team-b/service-api.yaml", "team-b/service-search.yaml", "team-b/serviceentry-api.example.com.yaml", "team-b/serviceentry-search.example.com.yaml",
	}
	got := slices.DeleteFunc(listFiles(t, dir), func(name string) bool {
		return strings.Contains(name, "destinationrule") || strings.Contains(name, "virtualservice")
	})
	if !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}

	status, _, stderr := execute("", append(values, "-n", "team-b", "--release-name", "second")...)
	if status != exitFailed || !strings.Contains(stderr, "belongs to release release-name of istio-egress in namespace team-b") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

func TestOutputDirIsAllOrNone(t *testing.T) {
	parent := t.TempDir()
	foreign := filepath.Join(parent, "foreign")
	if err := os.MkdirAll(filepath.Join(foreign, "default"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"README.md", "default/service-default-http.yaml"} {
		if err := os.WriteFile(filepath.Join(foreign, name), []byte("---\n# Source: other/templates/a.yaml\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, tc := range map[string]struct {
		dir, set, want string
		status         int
	}{
		"foreign content": {foreign, "a=b", "service-default-http.yaml is there already, and no render of release release-name of objects in namespace default wrote it", exitFailed},
		"a file":          {filepath.Join(foreign, "README.md"), "a=b", "is a file, want a directory", exitFailed},
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

// runAsCommand makes a process of the test's binary the command.
const runAsCommand = "RUN_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(runAsCommand) != "" {
		main()
	}
	os.Exit(m.Run())
}

// startWriting starts a process that writes many files, and returns when it has begun.
func startWriting(t *testing.T, dir, values string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-f", values, "--output-dir", dir)
	cmd.Env = append(os.Environ(), runAsCommand+"=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for range 60_000 {
		if <-tick.C; len(stagingFolders(t, dir)) > 0 {
			return cmd
		}
	}
	t.Fatal("it never began to write")
	return nil
}

func stagingFolders(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, ".render", "staging-*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func manyEntries(t *testing.T) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("endpointServices:\n")
	for i := range 2000 {
		fmt.Fprintf(&text, "  a-%d: {addresses: [192.0.2.1], ports: [{name: tcp, port: 80}], tls: {mode: DISABLE}}\n", i)
	}
	path := filepath.Join(t.TempDir(), "values.yaml")
	if err := os.WriteFile(path, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestSignalsLeaveNothing(t *testing.T) {
	values := manyEntries(t)
	for _, sent := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		dir := filepath.Join(t.TempDir(), "out")
		cmd := startWriting(t, dir, values)
		if err := cmd.Process.Signal(sent); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait()
		if status := cmd.ProcessState.ExitCode(); status != 128+int(sent) {
			t.Errorf("%s: status %d", sent, status)
		}
		if _, err := os.Stat(dir); !os.IsNotExist(err) {
			t.Errorf("%s: something stays: %v, %v", sent, listFiles(t, dir), stagingFolders(t, dir))
		}
	}
}

func TestNextCallCleansUpAfterAKill(t *testing.T) {
	values, dir := manyEntries(t), filepath.Join(t.TempDir(), "out")
	cmd := startWriting(t, dir, values)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if len(stagingFolders(t, dir)) == 0 {
		t.Fatal("it ended before it was killed")
	}
	if status, _, stderr := execute("", "--output-dir", dir, "--chart", testChart, "--set", "a=b"); status != exitOK {
		t.Fatalf("status %d: %s", status, stderr)
	}
	if left := stagingFolders(t, dir); len(left) > 0 || len(listFiles(t, dir)) != 2 {
		t.Errorf("left %v and %v", left, listFiles(t, dir))
	}
}
