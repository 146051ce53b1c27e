//go:build e2e

// Package goinstall installs egress-explain as its users do: with go install, from a module proxy that has the zips of the two
// modules. A replace in a go.mod would be ignored there, or refused.
package goinstall

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/mod/module"
	"golang.org/x/mod/zip"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

const (
	root    = "github.com/istio-egress/istio-egress"
	nested  = root + "/explain"
	command = nested + "/cmd/egress-explain"
)

// version is one that is never released, and another in every run: it is taken out of the module cache in the end, but for runs
// that are interrupted.
var version = fmt.Sprintf("v0.0.0-20200102030405-%012x", time.Now().UnixNano()&(1<<48-1))

func TestGoInstall(t *testing.T) {
	modules, err := exec.CommandContext(t.Context(), "go", "env", "GOMODCACHE").Output()
	require.NoError(t, err)
	cache := strings.TrimSpace(string(modules))
	proxy, bin := t.TempDir(), t.TempDir()
	publish(t, proxy, root, project.Root())
	publish(t, proxy, nested, filepath.Join(project.Root(), "explain"))
	t.Cleanup(func() { forget(t, cache) })

	cmd := exec.CommandContext(t.Context(), "go", "install", command+"@"+version)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "GOBIN="+bin, "GOWORK=off", "GOFLAGS=-modcacherw", "GOSUMDB=off", "GONOPROXY=none", "GOPRIVATE=",
		"GOPROXY=file://"+proxy+",file://"+filepath.Join(cache, "cache", "download"))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)

	installed := exec.CommandContext(t.Context(), filepath.Join(bin, "egress-explain"), "version")
	out, err = installed.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "egress-explain "+version+", Istio 1.31")

	values := filepath.Join(project.Root(), "examples", "tls-origination", "values.yaml")
	installed = exec.CommandContext(t.Context(), filepath.Join(bin, "egress-explain"), "-f", values, "--all")
	out, err = installed.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "SENT_TLS")
}

// The archive of a release has the command, which tells its version.
func TestArchive(t *testing.T) {
	dist := t.TempDir()
	cmd := exec.CommandContext(t.Context(), filepath.Join(project.Root(), "ci", "release-explain"), "build", dist)
	cmd.Env = append(os.Environ(), "PLATFORMS="+runtime.GOOS+"/"+runtime.GOARCH, "FLAGS=-ldflags=-X=main.release=v97.0.0")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	archive := filepath.Join(dist, "egress-explain-"+runtime.GOOS+"-"+runtime.GOARCH+".tar.gz")
	out, err = exec.CommandContext(t.Context(), "tar", "-xzf", archive, "-C", dist).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, name := range []string{"LICENSE", "licences.csv"} {
		assert.FileExists(t, filepath.Join(dist, name))
	}
	out, err = exec.CommandContext(t.Context(), filepath.Join(dist, "egress-explain"), "version").CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Contains(t, string(out), "egress-explain v97.0.0, Istio 1.31")
}

// publish puts a module into a proxy, as its tag would have it.
func publish(t *testing.T, proxy, path, folder string) {
	t.Helper()
	if path == nested { // which requires the root module by its own version
		folder = withVersion(t, folder)
	}
	files := filepath.Join(proxy, path, "@v")
	require.NoError(t, os.MkdirAll(files, 0o700))
	gomod, err := os.ReadFile(filepath.Join(folder, "go.mod"))
	require.NoError(t, err)
	require.NotContains(t, string(gomod), "replace")
	info := fmt.Sprintf(`{"Version": %q, "Time": "2020-01-02T03:04:05Z"}`, version)
	for name, content := range map[string]string{"list": version + "\n", version + ".info": info, version + ".mod": string(gomod)} {
		require.NoError(t, os.WriteFile(filepath.Join(files, name), []byte(content), 0o600))
	}
	archive, err := os.Create(filepath.Join(files, version+".zip"))
	require.NoError(t, err)
	require.NoError(t, zip.CreateFromDir(archive, module.Version{Path: path, Version: version}, folder))
	require.NoError(t, archive.Close())
}

// withVersion copies the nested module, and has it require the root module that the test publishes.
func withVersion(t *testing.T, folder string) string {
	t.Helper()
	twin := filepath.Join(t.TempDir(), "explain")
	require.NoError(t, os.CopyFS(twin, os.DirFS(folder)))
	path := filepath.Join(twin, "go.mod")
	gomod, err := os.ReadFile(path)
	require.NoError(t, err)
	lines := strings.Split(string(gomod), "\n")
	required := false
	for i, line := range lines {
		if strings.HasPrefix(line, "require "+root+" v") {
			lines[i], required = "require "+root+" "+version, true
		}
	}
	require.True(t, required, "explain/go.mod does not require the root module")
	require.NoError(t, os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
	return twin
}

// forget takes the modules of the test out of the module cache.
func forget(t *testing.T, cache string) {
	t.Helper()
	for _, path := range []string{root, nested} {
		assert.NoError(t, os.RemoveAll(filepath.Join(cache, path+"@"+version)))
		found, err := filepath.Glob(filepath.Join(cache, "cache", "download", path, "@v", version+".*"))
		require.NoError(t, err)
		for _, file := range found {
			assert.NoError(t, os.Remove(file))
		}
	}
}
