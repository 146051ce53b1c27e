package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

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
func scan(t *testing.T, level, program string) string {
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
	cmd := exec.CommandContext(t.Context(), govulncheck,
		"-scan", level, "-format", "json", "-db", "file://"+filepath.Join(folder, "database"), "./...")
	cmd.Dir = filepath.Join(folder, "program")
	cmd.Env = append(os.Environ(), "GOWORK=off")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return string(out)
}

// scanned are the reports of modules, by their folders.
func scanned(modules map[string]string) fs.FS {
	reports := fstest.MapFS{}
	for folder, report := range modules {
		reports[filepath.ToSlash(filepath.Join(folder, "govulncheck.json"))] = &fstest.MapFile{Data: []byte(report)}
	}
	return reports
}

const (
	calls   = "package main\n\nimport \"os\"\n\nfunc main() { print(os.Getenv(\"HOME\")) }\n"
	imports = "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(0) }\n"
	neither = "package main\n\nfunc main() {}\n"
)

func TestVulnerabilityThatIsCalled(t *testing.T) {
	reports := scanned(map[string]string{".": scan(t, "symbol", calls)})
	err := run(reports, "", &bytes.Buffer{})
	require.ErrorContains(t, err, "module .: GO-2099-0001 in stdlib@")
	require.ErrorContains(t, err, "Reading the environment is dangerous: update it, or explain it")

	var out bytes.Buffer
	require.NoError(t, run(reports, "# why\n\n. GO-2099-0001 only reads HOME\n", &out))
	assert.Contains(t, out.String(), "GO-2099-0001")
	assert.Contains(t, out.String(), "explained: only reads HOME")
}

func TestVulnerabilityThatIsNotCalled(t *testing.T) {
	reports := scanned(map[string]string{".": scan(t, "symbol", imports)})
	var out bytes.Buffer
	require.NoError(t, run(reports, "", &out))
	assert.Contains(t, out.String(), "module .: vulnerabilities in code that is called: 0; elsewhere in what it requires: 1")
	assert.NotContains(t, out.String(), "GO-2099-0001")
}

func TestVulnerabilityOfAnImportedPackage(t *testing.T) {
	reports := scanned(map[string]string{"test": scan(t, "package", imports)})
	require.ErrorContains(t, run(reports, "", &bytes.Buffer{}), "module test: GO-2099-0001")
	require.NoError(t, run(reports, "test GO-2099-0001 calls nothing of it\n", &bytes.Buffer{}))

	reports = scanned(map[string]string{"test": scan(t, "package", neither)})
	assert.NoError(t, run(reports, "", &bytes.Buffer{}))
}

func TestExplanationOfTheSameModuleOnly(t *testing.T) {
	report := scan(t, "symbol", calls)
	reports := scanned(map[string]string{".": report, "examples/go": report})
	err := run(reports, ". GO-2099-0001 only reads HOME\n", &bytes.Buffer{})
	require.ErrorContains(t, err, "module examples/go: GO-2099-0001")
	assert.NotContains(t, err.Error(), "module .:")
}

func TestExplanationThatIsNoLongerNeeded(t *testing.T) {
	reports := scanned(map[string]string{"test/pinned": scan(t, "symbol", imports)})
	for _, id := range []string{"GO-2099-0001", "*"} {
		assert.ErrorContains(t, run(reports, "test/pinned "+id+" gone\n", &bytes.Buffer{}),
			"line 1: test/pinned "+id+" is explained and not found: remove the line")
	}

	reports = scanned(map[string]string{"test/pinned": scan(t, "symbol", calls)})
	both := "test/pinned GO-2099-0001 only reads HOME\ntest/pinned * is a test\n"
	assert.ErrorContains(t, run(reports, both, &bytes.Buffer{}), "line 2: test/pinned * is explained and not found")
}

func TestExplanationOfAWholeModule(t *testing.T) {
	reports := scanned(map[string]string{"test/pinned": scan(t, "symbol", calls)})
	var out bytes.Buffer
	require.NoError(t, run(reports, "test/pinned * runs on loopback\n", &out))
	assert.Contains(t, out.String(), "GO-2099-0001 in stdlib@")
	assert.Contains(t, out.String(), "explained: runs on loopback")

	for _, folder := range []string{".", "examples/go", "test"} {
		assert.ErrorContains(t, run(reports, folder+" * trust me\n", &bytes.Buffer{}), "write an id")
	}
}

func TestExplanationOfAnUnknownFolder(t *testing.T) {
	reports := scanned(map[string]string{".": scan(t, "symbol", imports)})
	for _, id := range []string{"GO-2099-0001", "*"} {
		assert.ErrorContains(t, run(reports, "test/gone "+id+" was a test\n", &bytes.Buffer{}),
			"line 1: there is no module in the folder test/gone")
	}
}

func TestExplanationsAreComplete(t *testing.T) {
	reports := scanned(map[string]string{".": scan(t, "symbol", imports)})
	assert.ErrorContains(t, run(reports, "# why\n. GO-2099-0001\n", &bytes.Buffer{}),
		"line 2: \". GO-2099-0001\": write the module's folder, the id and the reason")
	assert.ErrorContains(t, run(reports, ". GO-2099-0001 one\n. GO-2099-0001 two\n", &bytes.Buffer{}),
		"line 2: . GO-2099-0001 is explained twice")
}

func TestNoReportIsNoSuccess(t *testing.T) {
	assert.ErrorContains(t, run(fstest.MapFS{}, "", &bytes.Buffer{}), "no module")
	assert.ErrorContains(t, run(scanned(map[string]string{".": ""}), "", &bytes.Buffer{}), "govulncheck.json: govulncheck wrote nothing")
	assert.Error(t, run(scanned(map[string]string{".": "{"}), "", &bytes.Buffer{}))
	assert.ErrorContains(t, run(scanned(map[string]string{".": `{"config": {"scan_level": "module"}}`}), "", &bytes.Buffer{}), "tells too little")
}
