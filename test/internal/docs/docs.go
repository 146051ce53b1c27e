// Package docs runs the commands of the documents as a reader would: at the
// root of the repository, with helm and render on the PATH.
package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/markdown"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// Paths are the documents whose blocks are checked.
func Paths(t *testing.T) []string {
	t.Helper()
	paths := []string{filepath.Join(project.Root(), "README.md")}
	for _, pattern := range []string{"CONTRIBUTING.md", "docs/*.md", "examples/*/README.md"} {
		found, err := filepath.Glob(filepath.Join(project.Root(), filepath.FromSlash(pattern)))
		require.NoError(t, err)
		require.NotEmpty(t, found, pattern)
		paths = append(paths, found...)
	}
	return paths
}

// Treatment is how a command of a document is checked.
type Treatment int

// The treatments.
const (
	Unknown Treatment = iota
	Run               // it is run
	Make              // make --dry-run: the target exists; CI runs the targets
	Cluster           // it is run against an API server, by the tests with the build tag e2e
	Flags             // it needs pods, or a published release: its flags are checked, by the tests with the build tag e2e
	Tests             // it runs tests or benchmarks that take long: their packages exist; CI runs the tests
	Itself            // it is what runs this test
	Explain           // it and its output are checked by the tests of the module explain
)

// testPackages matches a go test command: the folder it runs in, its flags and its packages.
var testPackages = regexp.MustCompile(`^(?:cd (\S+) && )?go test (.*?)((?: ?\./\S+)+)(?: -[^|]*)?(?: \| .*)?$`)

// CheckPackages checks that the packages of a go test command exist.
func CheckPackages(t *testing.T, line string) {
	t.Helper()
	parts := testPackages.FindStringSubmatch(line)
	args := []string{"list"}
	if strings.Contains(parts[2], "-tags e2e") {
		args = append(args, "-tags", "e2e")
	}
	list := exec.CommandContext(t.Context(), "go", append(args, strings.Fields(parts[3])...)...)
	list.Dir = filepath.Join(project.Root(), parts[1])
	out, err := list.CombinedOutput()
	assert.NoError(t, err, "%s\n%s", line, out)
	assert.NotEmpty(t, out, line)
}

// TreatmentOf tells how a command is checked.
func TreatmentOf(line string, block markdown.Block) Treatment {
	words := strings.Fields(line)
	second := ""
	if len(words) > 1 {
		second = words[1]
	}
	switch {
	case line == "go test ./... ./test/...":
		return Itself
	case block.Is("released"):
		return Flags
	case testPackages.MatchString(line):
		return Tests
	}
	switch words[0] {
	case "egress-explain":
		if block.Is("explain") {
			return Explain
		}
	case "make":
		return Make
	case "render", "go", "cd", "cat", "git":
		return Run
	case "helm":
		switch second {
		case "install", "upgrade", "uninstall", "rollback":
			return Cluster
		case "template", "lint", "package", "dependency", "pull", "verify":
			return Run
		}
	case "kubectl":
		switch second {
		case "apply", "get", "auth":
			return Cluster
		case "exec", "logs", "wait":
			return Flags
		}
	case "istioctl":
		return Flags
	}
	return Unknown
}

// Folder is a copy of the repository for the commands of one document, with the files of testdata that belong to it: the
// user's own files that the document speaks of and does not show.
func Folder(t *testing.T, document string) string {
	t.Helper()
	list := exec.CommandContext(t.Context(), "git", "-C", project.Root(), "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	names, err := list.Output()
	require.NoError(t, err)
	folder := t.TempDir()
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		source := filepath.Join(project.Root(), name)
		info, err := os.Lstat(source)
		if err != nil || !info.Mode().IsRegular() {
			continue // a link, or deleted and not yet committed
		}
		content, err := os.ReadFile(source)
		require.NoError(t, err)
		path := filepath.Join(folder, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, 0o700))
	}
	users := filepath.Join(project.Root(), "test", "internal", "docs", "testdata", strings.TrimSuffix(filepath.Base(document), ".md"))
	if _, err := os.Stat(users); err == nil {
		require.NoError(t, os.CopyFS(folder, os.DirFS(users)))
	}
	return folder
}

// WriteFile writes the file that a block stands for, if it does.
func WriteFile(t *testing.T, folder string, block markdown.Block) {
	t.Helper()
	name, ok := block.Attributes["file"]
	if !ok {
		return
	}
	path := filepath.Join(folder, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(block.Text), 0o600))
}

// Check runs a command in the folder and compares status and output with what
// the document says. Extra are additional environment variables.
func Check(t *testing.T, folder string, extra []string, block markdown.Block, command markdown.Command) {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", command.Line)
	shell.Dir = folder
	shell.Env = append(append(os.Environ(), environment(t)...), extra...)
	out, err := shell.CombinedOutput()
	status, convErr := strconv.Atoi("0" + block.Attributes["exit"])
	require.NoError(t, convErr)
	if shell.ProcessState == nil {
		require.NoError(t, err)
	}
	assert.Equal(t, status, shell.ProcessState.ExitCode(), "%s\n%s", command.Line, out)
	if command.Shown {
		assert.True(t, markdown.Matches(command.Output, string(out)), "%s prints\n%s\nand not\n%s", command.Line, out, command.Output)
	}
}

// environment puts helm 3 and render on the PATH, and keeps helm from the user's own settings.
func environment(t *testing.T) []string {
	t.Helper()
	bin := t.TempDir()
	renderPath, err := build.Command{Name: "render", Package: "./cmd/render", Module: project.Root()}.Build(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.Symlink(renderPath, filepath.Join(bin, "render")))
	require.NoError(t, os.Symlink(helmbin.Helm3.Path(t), filepath.Join(bin, "helm")))
	variables := []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")}
	for name, value := range helmbin.Helm3.Options(t).EnvVars {
		variables = append(variables, name+"="+value)
	}
	return variables
}
