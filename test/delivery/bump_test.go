package delivery

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/docs"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// bumpTree is a copy of the repository with one commit, and a way to run commands in it.
func bumpTree(t *testing.T) (folder string, run func(args ...string) (string, error)) {
	t.Helper()
	folder = docs.Folder(t, "")
	run = func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
		cmd.Dir = folder
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull,
			"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	for _, args := range [][]string{{"git", "init", "--quiet"}, {"git", "add", "."}, {"git", "commit", "--quiet", "--message=all"}} {
		out, err := run(args...)
		require.NoError(t, err, out)
	}
	return folder, run
}

func edit(t *testing.T, path, old, replacement string) {
	t.Helper()
	content := read(t, path)
	require.Contains(t, content, old)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(content, old, replacement, 1)), 0o600))
}

func TestBump(t *testing.T) {
	chart, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	folder, run := bumpTree(t)
	changelog := filepath.Join(folder, "CHANGELOG.md")

	out, err := run("ci/bump", "97.0.0")
	assert.Error(t, err)
	assert.Contains(t, out, "CHANGELOG.md has no entry")
	for _, wrong := range []string{"one", chart.Version(), "0.0.1"} {
		_, err = run("ci/bump", wrong)
		assert.Error(t, err, wrong)
	}

	edit(t, changelog, "## "+chart.Version()+"\n", "## 97.0.0\n\n- more\n\n## "+chart.Version()+"\n")
	out, err = run("ci/bump", "97.0.0")
	require.NoError(t, err, out)
	bumped, err := render.LoadDir(filepath.Join(folder, "charts", "istio-egress"))
	require.NoError(t, err)
	assert.Equal(t, "97.0.0", bumped.Version())

	left, err := run("git", "grep", "-n", "-F", "-w", chart.Version(), "--", "charts/istio-egress/Chart.yaml", "docs",
		"examples/argocd", "examples/flux", "examples/helmfile", "examples/umbrella", "examples/go/go.mod", "explain/go.mod",
		"helm-plugin", "action.yml", "templates")
	assert.Error(t, err, "the old version is left: %s", left)
}

func TestChangedTemplatesComeWithAVersion(t *testing.T) {
	chart, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	folder, run := bumpTree(t)
	template := filepath.Join(folder, "charts", "istio-egress", "templates", "service.yaml")
	check := func() (string, error) { return run("ci/bump", "--check", "HEAD") }

	out, err := check()
	assert.NoError(t, err, "nothing changed: %s", out)

	require.NoError(t, os.WriteFile(template, []byte(read(t, template)+"# more\n"), 0o600))
	out, err = check()
	assert.Error(t, err)
	assert.Contains(t, out, "its version did not")

	edit(t, filepath.Join(folder, "charts", "istio-egress", "Chart.yaml"), "version: "+chart.Version(), "version: 97.0.0")
	out, err = check()
	assert.Error(t, err)
	assert.Contains(t, out, "CHANGELOG.md does not say what")

	edit(t, filepath.Join(folder, "CHANGELOG.md"), "## ", "## 97.0.0\n\n- more\n\n## ")
	out, err = check()
	assert.NoError(t, err, out)
}

func TestChangelogHasTheChartsVersion(t *testing.T) {
	chart, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	assert.Contains(t, read(t, filepath.Join(project.Root(), "CHANGELOG.md")), "\n## "+chart.Version()+"\n")
}
