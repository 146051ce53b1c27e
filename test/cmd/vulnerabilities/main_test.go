package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// database is a vulnerability database with one entry: os.Getenv, in all versions.
var database = map[string]string{
	"index/db.json":      `{"modified":"2026-01-01T00:00:00Z"}`,
	"index/modules.json": `[{"path":"stdlib","vulns":[{"id":"GO-2099-0001","modified":"2026-01-01T00:00:00Z"}]}]`,
	"ID/GO-2099-0001.json": `{
		"schema_version": "1.3.1", "id": "GO-2099-0001", "modified": "2026-01-01T00:00:00Z", "published": "2026-01-01T00:00:00Z",
		"summary": "Reading the environment is dangerous",
		"affected": [{
			"package": {"name": "stdlib", "ecosystem": "Go"},
			"ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}]}],
			"ecosystem_specific": {"imports": [{"path": "os", "symbols": ["Getenv"]}]}
		}]
	}`,
}

// scan runs govulncheck with that database on a program.
func scan(t *testing.T, program string) *bytes.Reader {
	t.Helper()
	folder := t.TempDir()
	files := map[string]string{"program/go.mod": "module example.com/program\n\ngo 1.26.0\n", "program/main.go": program}
	for name, content := range database {
		files["database/"+name] = content
	}
	for name, content := range files {
		path := filepath.Join(folder, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	govulncheck, err := build.Command{
		Name: "govulncheck", Package: "golang.org/x/vuln/cmd/govulncheck", Module: filepath.Join(project.Root(), "ci", "tools", "govulncheck"),
	}.Build(t.Context())
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), govulncheck, "-format", "json", "-db", "file://"+filepath.Join(folder, "database"), "./...")
	cmd.Dir = filepath.Join(folder, "program")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return bytes.NewReader(out)
}

const (
	calls = "package main\n\nimport \"os\"\n\nfunc main() { print(os.Getenv(\"HOME\")) }\n"
	links = "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(0) }\n"
)

func TestVulnerabilityThatIsCalled(t *testing.T) {
	err := run(scan(t, calls), "", &bytes.Buffer{})
	require.ErrorContains(t, err, "GO-2099-0001: Reading the environment is dangerous: in stdlib@")
}

func TestVulnerabilityThatIsExplained(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(scan(t, calls), "# why\nGO-2099-0001 only reads HOME\n", &out))
	assert.Contains(t, out.String(), "explained: only reads HOME")
}

func TestVulnerabilityThatIsNotCalled(t *testing.T) {
	require.NoError(t, run(scan(t, links), "", &bytes.Buffer{}))
	assert.ErrorContains(t, run(scan(t, links), "GO-2099-0001 gone\n", &bytes.Buffer{}), "explained and not found")
}

func TestExplanationsNeedAReason(t *testing.T) {
	assert.ErrorContains(t, run(scan(t, links), "GO-2099-0001\n", &bytes.Buffer{}), "write the reason")
}

func TestNoOutputIsNoSuccess(t *testing.T) {
	assert.ErrorContains(t, run(strings.NewReader(""), "", &bytes.Buffer{}), "wrote nothing")
	assert.Error(t, run(strings.NewReader("{"), "", &bytes.Buffer{}))
}
