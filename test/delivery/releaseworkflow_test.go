package delivery

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/docs"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// releaseStep is a step of release.yaml: an action of GitHub's, or a script.
type releaseStep struct {
	Name, Uses, Run string
	Env             map[string]string
}

// runElsewhere are the scripts of the workflow that this test leaves to others.
var runElsewhere = map[string]string{
	"Known vulnerabilities are explained, every licence is listed": "make vulnerabilities and make verify, in ci.yaml",
	"The tests pass": "this test is one of them",
}

func releaseSteps(t *testing.T) []releaseStep {
	t.Helper()
	var workflow struct {
		Jobs map[string]struct{ Steps []releaseStep }
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, filepath.Join(project.Root(), ".github", "workflows", "release.yaml"))), &workflow))
	return workflow.Jobs["release"].Steps
}

// The scripts of the workflow are run one after the other, as GitHub does, in a clone and against a registry of the test's. Only
// cosign and gh, which need GitHub's identity, write down how they were called (package sigstore runs cosign); and all but the
// machine's own binary are made by a compiler that writes the platform's name, as cross compiling takes minutes.
func TestReleaseWorkflowRuns(t *testing.T) {
	clone, tools := cloneOfTree(t), fakeTools(t)
	host := strings.TrimSuffix(strings.TrimPrefix(startRegistry(t), "oci://"), "/charts")
	secret, public := newKey(t, "release")
	environment := append(os.Environ(), "FLAGS=", "CGO_ENABLED="+goEnv(t, "CGO_ENABLED"), "GOOS=", "GOARCH=",
		"PATH="+tools+string(os.PathListSeparator)+os.Getenv("PATH"), "CALLS="+filepath.Join(tools, "calls"),
		"GITHUB_REF_NAME=v"+metadata(t).Version, "GITHUB_ACTOR=somebody", "GITHUB_REPOSITORY=istio-egress/istio-egress", "GITHUB_SHA=0123abc",
		"REGISTRY="+host+"/charts", "PUSH_FLAGS=--plain-http", "BASE="+baseImage(t, host), "HELM_REGISTRY_CONFIG="+filepath.Join(t.TempDir(), "registry.json"))
	secrets := map[string]string{
		"CHART_SIGNING_KEY": base64.StdEncoding.EncodeToString([]byte(read(t, secret))), "CHART_SIGNING_KEY_NAME": "release", "GITHUB_TOKEN": "token",
	}
	for _, step := range releaseSteps(t) {
		if step.Run == "" || runElsewhere[step.Name] != "" {
			continue
		}
		cmd := exec.CommandContext(t.Context(), "bash", "-e", "-c", step.Run)
		cmd.Dir, cmd.Env = clone, append(slices.Clone(environment), stepEnvironment(t, step, secrets)...)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s: %s", step.Name, out)
	}

	dist := filepath.Join(clone, "dist")
	assert.Equal(t, releasedFiles(metadata(t).Version), filesOf(t, dist))
	assertSigned(t, host, public, dist)
	assertBuilt(t, dist)
	assertPublished(t, read(t, filepath.Join(tools, "calls")), host, dist)
}

// goEnv returns a setting of the go command.
func goEnv(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
	require.NoError(t, err)
	return strings.TrimSpace(string(out))
}

// cloneOfTree is a clone whose only commit is the work tree: what lists the contents asks git for the version.
func cloneOfTree(t *testing.T) string {
	t.Helper()
	folder := docs.Folder(t, "release")
	for _, args := range [][]string{
		{"init", "--quiet"}, {"add", "--all"}, {"-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "--quiet", "--message", "test"},
	} {
		out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", folder}, args...)...).CombinedOutput()
		require.NoError(t, err, string(out))
	}
	return folder
}

// fakeTools returns a folder with stand-ins for cosign, gh and, where another platform is compiled for or istiod is in it, go.
func fakeTools(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	compiler, err := exec.LookPath("go")
	require.NoError(t, err)
	for tool, script := range map[string]string{
		"cosign": `echo "cosign $*" >>"$CALLS"
[[ "$1" != login ]] || grep -qx token
[[ "$1" != sign-blob ]] || echo signature >"${5:?}"`,
		"gh": `echo "gh $*" >>"$CALLS"`,
		"go": fmt.Sprintf(`compiler=%q
if [[ "$1" == build && ( "$GOOS/$GOARCH" != %s/%s || "${!#}" == ./explain/* ) ]]; then
	while [[ "$1" != -o ]]; do shift; done
	echo "${3##*/} for $GOOS/$GOARCH" >"$2"
	exit
fi
exec "$compiler" "$@"`, compiler, runtime.GOOS, runtime.GOARCH),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(folder, tool), []byte("#!/usr/bin/env bash\nset -euo pipefail\n"+script+"\n"), 0o700))
	}
	return folder
}

// baseImage pushes what the image is built on.
func baseImage(t *testing.T, registry string) string {
	t.Helper()
	base, err := name.ParseReference(registry + "/base:1")
	require.NoError(t, err)
	below, err := random.Image(64, 1)
	require.NoError(t, err)
	require.NoError(t, remote.Write(base, below))
	return base.String()
}

var expression = regexp.MustCompile(`^\$\{\{ (?:secrets|vars)\.(\w+) \}\}$`)

// stepEnvironment is a step's environment, with what the repository's settings hold.
func stepEnvironment(t *testing.T, step releaseStep, secrets map[string]string) []string {
	t.Helper()
	var environment []string
	for name, value := range step.Env {
		setting := expression.FindStringSubmatch(value)
		require.NotNil(t, setting, value)
		require.Contains(t, secrets, setting[1], step.Name)
		environment = append(environment, name+"="+secrets[setting[1]])
	}
	return environment
}

// releasedFiles are the names on the release's page.
func releasedFiles(version string) []string {
	files := []string{
		"checksums.txt", "checksums.txt.sigstore.json", "istio-egress-" + version + ".tgz", "istio-egress-" + version + ".tgz.prov",
		"render.cdx.json", "signing-key.gpg", "render-windows-amd64.exe", "helm-egress-" + version + "-windows-amd64.tgz",
	}
	for _, platform := range []string{"linux-amd64", "linux-arm64", "darwin-amd64", "darwin-arm64"} {
		files = append(files, "render-"+platform, "helm-egress-"+version+"-"+platform+".tgz", "egress-explain-"+platform+".tar.gz")
	}
	slices.Sort(files)
	return files
}

func filesOf(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	var files []string
	for _, entry := range entries {
		files = append(files, entry.Name())
	}
	return files
}

// assertSigned pulls the chart as docs/install.md says, and checks the files' sums.
func assertSigned(t *testing.T, host, public, dist string) {
	t.Helper()
	for _, keyring := range []string{public, filepath.Join(dist, "signing-key.gpg")} {
		_, err := helmbin.Output(t.Context(), helmbin.Helm3.Options(t), "pull", "oci://"+host+"/charts/istio-egress", "--plain-http",
			"--version", metadata(t).Version, "--verify", "--keyring", keyring, "--destination", t.TempDir())
		assert.NoError(t, err)
	}
	sums := read(t, filepath.Join(dist, "checksums.txt"))
	assert.Equal(t, len(filesOf(t, dist))-2, strings.Count(sums, "\n"), "all but itself and its signature: %s", sums)
	cmd := exec.CommandContext(t.Context(), "sha256sum", "--check", "--strict", "checksums.txt")
	cmd.Dir = dist
	out, err := cmd.CombinedOutput()
	assert.NoError(t, err, string(out))
}

// assertBuilt looks into the files: the machine's own command runs, and each archive has the binary of its platform.
func assertBuilt(t *testing.T, dist string) {
	t.Helper()
	version := metadata(t).Version
	own := filepath.Join(dist, "render-"+runtime.GOOS+"-"+runtime.GOARCH)
	out, err := exec.CommandContext(t.Context(), own, "lint", "-f", example("istio-task", "values.yaml")).CombinedOutput()
	require.NoError(t, err, string(out))
	for platform, binary := range map[string]string{"linux-amd64": "render", "linux-arm64": "render", "darwin-arm64": "render", "windows-amd64": "render.exe"} {
		archive := filepath.Join(dist, "helm-egress-"+version+"-"+platform+".tgz")
		released := read(t, filepath.Join(dist, "render-"+platform+filepath.Ext(binary)))
		assert.Equal(t, sha256.Sum256([]byte(released)), sha256.Sum256([]byte(inArchive(t, archive, "./"+binary))), archive)
		assert.Contains(t, inArchive(t, archive, "./plugin.yaml"), "version: "+version)
		assert.Equal(t, read(t, filepath.Join(project.Root(), "LICENSE")), inArchive(t, archive, "./LICENSE"))
	}
	explain := filepath.Join(dist, "egress-explain-darwin-arm64.tar.gz")
	assert.Equal(t, "egress-explain for darwin/arm64\n", inArchive(t, explain, "./egress-explain"))
	assert.Contains(t, inArchive(t, explain, "./licences.csv"), "istio.io/istio")

	var inside struct{ Components []struct{ Name string } }
	require.NoError(t, json.Unmarshal([]byte(read(t, filepath.Join(dist, "render.cdx.json"))), &inside))
	assert.Contains(t, inside.Components, struct{ Name string }{"helm.sh/helm/v3"})
}

// assertPublished reads how cosign and gh were called.
func assertPublished(t *testing.T, calls, host, dist string) {
	t.Helper()
	digest := `@sha256:[0-9a-f]{64}\n`
	for _, call := range []string{
		`cosign sign --yes ` + host + `/charts/istio-egress` + digest,
		`cosign login ghcr\.io --username somebody --password-stdin\n`,
		`cosign sign --yes ` + host + `/render` + digest,
		`cosign sign-blob --yes --new-bundle-format --bundle checksums\.txt\.sigstore\.json checksums\.txt\n`,
		`gh api repos/istio-egress/istio-egress/git/refs -f ref=refs/tags/explain/v[0-9.]+ -f sha=0123abc\n`,
		`gh release create v[0-9.]+ --verify-tag `,
	} {
		assert.Regexp(t, call, calls)
	}
	for _, file := range filesOf(t, dist) {
		assert.Contains(t, calls, " dist/"+file)
	}
}

// A step that is new in the workflow is run here, or somewhere that is named.
func TestReleaseStepsThatRunElsewhereExist(t *testing.T) {
	for name := range runElsewhere {
		assert.True(t, slices.ContainsFunc(releaseSteps(t), func(s releaseStep) bool { return s.Name == name }), name)
	}
}
