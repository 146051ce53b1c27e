//go:build e2e

package sigstore

import (
	"bytes"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/components"
	"github.com/istio-egress/istio-egress/test/internal/docs"
	"github.com/istio-egress/istio-egress/test/internal/markdown"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// releaseWorkflow is what GitHub tells Sigstore of a job of the release.
func releaseWorkflow(t *testing.T) string {
	t.Helper()
	return "istio-egress/istio-egress/.github/workflows/release.yaml@refs/tags/v" + version(t)
}

func version(t *testing.T) string {
	t.Helper()
	chart, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	return chart.Version()
}

// released is a release as its workflow made it: files in dist, charts and images in the registry.
type released struct {
	tools, folder, dist, registry string
	workflow                      []workflowStep
}

type workflowStep struct {
	Name, Uses, Run string
	With            map[string]string
}

func newRelease(t *testing.T) *released {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	folder := docs.Folder(t, "release")
	r := &released{
		tools: t.TempDir(), folder: folder, dist: filepath.Join(folder, "dist"),
		registry: strings.TrimPrefix(server.URL, "http://"), workflow: workflowSteps(t),
	}
	cosign, err := components.Cosign.Build(t.Context())
	require.NoError(t, err)
	require.NoError(t, os.Symlink(cosign, filepath.Join(r.tools, "cosign")))
	return r
}

func workflowSteps(t *testing.T) []workflowStep {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(project.Root(), ".github", "workflows", "release.yaml"))
	require.NoError(t, err)
	var workflow struct {
		Jobs map[string]struct{ Steps []workflowStep }
	}
	require.NoError(t, yaml.Unmarshal(text, &workflow))
	return workflow.Jobs["release"].Steps
}

// run runs lines in a folder, with cosign on the PATH and nothing of the user's own settings.
func (r *released) run(t *testing.T, folder, script string, environment []string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "bash", "-e", "-c", script)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "PATH="+r.tools+string(os.PathListSeparator)+os.Getenv("PATH"), "DOCKER_CONFIG="+t.TempDir())
	cmd.Env = append(cmd.Env, environment...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// make takes the steps of the workflow that sign, with what they need before them.
func (r *released) make(t *testing.T, sigstore *standIn) {
	t.Helper()
	base := r.registry + "/base:1"
	r.pushUnsigned(t, base)
	environment := slices.Concat(sigstore.signing(), []string{
		"PLATFORMS=" + runtime.GOOS + "/" + runtime.GOARCH, "FLAGS=", "CGO_ENABLED=", "TOKEN=token", "GITHUB_ACTOR=somebody",
		"REGISTRY=" + r.registry + "/charts", "PUSH_FLAGS=--plain-http", "BASE=" + base,
		"HELM_REGISTRY_CONFIG=" + filepath.Join(t.TempDir(), "registry.json"),
	})
	scripts := []string{"ci/release build dist"}
	for _, step := range r.workflow {
		if strings.Contains(step.Run, "cosign") || strings.Contains(step.Run, "ci/release push") {
			scripts = append(scripts, step.Run)
		}
	}
	require.Len(t, scripts, 4, "the chart, the image and the files are signed")
	for _, script := range scripts {
		out, err := r.run(t, r.folder, script, environment)
		require.NoError(t, err, "%s\n%s", script, out)
	}
}

// pushUnsigned pushes another image under the reference.
func (r *released) pushUnsigned(t *testing.T, reference string) {
	t.Helper()
	parsed, err := name.ParseReference(reference)
	require.NoError(t, err)
	image, err := random.Image(64, 1)
	require.NoError(t, err)
	require.NoError(t, remote.Write(parsed, image))
}

// documented are the blocks of docs/install.md that call cosign: the files' and the registry's, for the test's registry.
func (r *released) documented(t *testing.T) (files, images string) {
	t.Helper()
	blocks, err := markdown.Read(filepath.Join(project.Root(), "docs", "install.md"))
	require.NoError(t, err)
	blocks = slices.DeleteFunc(blocks, func(b markdown.Block) bool {
		return b.Language != "sh" || !strings.Contains(b.Text, "cosign ")
	})
	require.Len(t, blocks, 2)
	files, images = blocks[0].Text, strings.ReplaceAll(blocks[1].Text, "ghcr.io/istio-egress", r.registry)
	require.Contains(t, files, "cosign verify-blob ")
	require.Equal(t, 2, strings.Count(images, "cosign verify "+r.registry+"/"))
	return files, images
}

// download copies the files of the release's page into a folder.
func (r *released) download(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(r.dist)))
	return folder
}

func changeByte(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	content[bytes.IndexByte(content, '\n')-1] ^= 1
	require.NoError(t, os.WriteFile(path, content, 0o600))
}

func TestReleaseIsVerifiedAsDocumented(t *testing.T) {
	sigstore := startStandIn(t, releaseWorkflow(t))
	r := newRelease(t)
	r.make(t, sigstore)
	files, images := r.documented(t)

	t.Run("files", func(t *testing.T) {
		out, err := r.run(t, r.download(t), files, sigstore.verifyingFiles())
		require.NoError(t, err, out)
		assert.Contains(t, out, "Verified OK")
		assert.Contains(t, out, "istio-egress-"+version(t)+".tgz: OK")
	})
	t.Run("files that somebody changed", func(t *testing.T) {
		r.refusesFiles(t, files, "checksums.txt", sigstore, "invalid signature")
		r.refusesFiles(t, files, "istio-egress-"+version(t)+".tgz", sigstore, "FAILED")
	})
	t.Run("files without a signature", func(t *testing.T) {
		folder := r.download(t)
		require.NoError(t, os.Remove(filepath.Join(folder, "checksums.txt.sigstore.json")))
		// With a trusted root, cosign would ask for a bundle before it looks for the file.
		out, err := r.run(t, folder, files, sigstore.verifyingImages())
		require.Error(t, err)
		assert.Contains(t, out, "open checksums.txt.sigstore.json: no such file")
	})
	t.Run("chart and image", func(t *testing.T) {
		out, err := r.run(t, t.TempDir(), images, sigstore.verifyingImages())
		require.NoError(t, err, out)
		assert.Equal(t, 2, strings.Count(out, "The cosign claims were validated"), out)
	})
	t.Run("another Sigstore", func(t *testing.T) {
		other := startStandIn(t, releaseWorkflow(t))
		out, err := r.run(t, r.download(t), files, other.verifyingFiles())
		require.Error(t, err, out)
		out, err = r.run(t, t.TempDir(), images, other.verifyingImages())
		require.Error(t, err, out)
	})
	t.Run("chart and image that somebody replaced", func(t *testing.T) {
		for _, image := range []string{"charts/istio-egress", "render"} {
			reference := r.registry + "/" + image + ":" + version(t)
			r.pushUnsigned(t, reference)
			out, err := r.run(t, t.TempDir(), lineOf(t, images, reference), sigstore.verifyingImages())
			require.Error(t, err)
			assert.Contains(t, out, "no signatures found", image)
		}
	})
}

// refusesFiles changes a file of the release's page.
func (r *released) refusesFiles(t *testing.T, script, file string, sigstore *standIn, says string) {
	t.Helper()
	folder := r.download(t)
	changeByte(t, filepath.Join(folder, file))
	out, err := r.run(t, folder, script, sigstore.verifyingFiles())
	require.Error(t, err, file)
	assert.Contains(t, out, says, file)
}

// lineOf is the command that verifies the reference.
func lineOf(t *testing.T, script, reference string) string {
	t.Helper()
	for line := range strings.SplitSeq(strings.ReplaceAll(script, "\\\n", ""), "\n") {
		if strings.Contains(line, reference) {
			return line
		}
	}
	require.Fail(t, "no line verifies "+reference)
	return ""
}

// Signed well, and by somebody else.
func TestReleaseOfSomebodyElseIsRefused(t *testing.T) {
	r := newRelease(t)
	files, images := r.documented(t)
	sigstore := startStandIn(t, releaseWorkflow(t))
	r.imitate(t, sigstore)
	out, err := r.run(t, t.TempDir(), images, sigstore.verifyingImages())
	require.NoError(t, err, "what is refused below is the signer: %s", out)

	sigstore.workflow = strings.Replace(releaseWorkflow(t), "release.yaml", "ci.yaml", 1)
	r.imitate(t, sigstore)
	r.refuses(t, files, images, sigstore, "ci.yaml")
	sigstore.workflow = strings.Replace(releaseWorkflow(t), version(t), "97.0.0", 1)
	r.imitate(t, sigstore)
	r.refuses(t, files, images, sigstore, "v97.0.0")
	sigstore.workflow, sigstore.issuer = releaseWorkflow(t), "https://gitlab.com"
	r.imitate(t, sigstore)
	r.refuses(t, files, images, sigstore, "https://gitlab.com")
}

// imitate signs other files and images under the names of the release.
func (r *released) imitate(t *testing.T, sigstore *standIn) {
	t.Helper()
	require.NoError(t, os.MkdirAll(r.dist, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(r.dist, "render-linux-amd64"), []byte("another\n"), 0o600))
	scripts := []string{}
	for _, image := range []string{"charts/istio-egress", "render"} {
		reference := r.registry + "/" + image + ":" + version(t)
		r.pushUnsigned(t, reference)
		scripts = append(scripts, "cosign sign --yes "+reference)
	}
	files := slices.IndexFunc(r.workflow, func(s workflowStep) bool { return strings.Contains(s.Run, "cosign sign-blob ") })
	for _, script := range append(scripts, r.workflow[files].Run) {
		out, err := r.run(t, r.folder, script, sigstore.signing())
		require.NoError(t, err, "%s\n%s", script, out)
	}
}

// refuses runs the lines, each of which names the signer that it refuses.
func (r *released) refuses(t *testing.T, files, images string, sigstore *standIn, says string) {
	t.Helper()
	out, err := r.run(t, r.dist, files, sigstore.verifyingFiles())
	require.Error(t, err)
	assert.Contains(t, out, says)
	for _, image := range []string{"charts/istio-egress", "render"} {
		line := lineOf(t, images, r.registry+"/"+image)
		out, err = r.run(t, t.TempDir(), line, sigstore.verifyingImages())
		require.Error(t, err)
		assert.Contains(t, out, says, image)
	}
}

// The workflow installs the version that these tests run.
func TestWorkflowInstallsThisCosign(t *testing.T) {
	pinned, err := build.ModuleVersion(t.Context(), filepath.Join(project.Root(), "test", "cosign"), "github.com/sigstore/cosign/v2")
	require.NoError(t, err)
	installers := slices.DeleteFunc(workflowSteps(t), func(s workflowStep) bool {
		return !strings.HasPrefix(s.Uses, "sigstore/cosign-installer@")
	})
	require.Len(t, installers, 1)
	assert.Equal(t, pinned, installers[0].With["cosign-release"])
}
