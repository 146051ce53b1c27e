package delivery

import (
	"archive/tar"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// image is the repository of the image whose tag is the chart's version.
const image = "ghcr.io/istio-egress/render"

// The image is made as in a release, on another base, and its command is run from the layers.
func TestImageRunsFromItsLayers(t *testing.T) {
	registry := strings.TrimSuffix(strings.TrimPrefix(startRegistry(t), "oci://"), "/charts")
	base, err := name.ParseReference(registry + "/base:1")
	require.NoError(t, err)
	below, err := random.Image(64, 1)
	require.NoError(t, err)
	require.NoError(t, remote.Write(base, below))

	dist := t.TempDir()
	binary, err := build.Command{Name: "render", Package: "./cmd/render", Module: project.Root()}.Build(t.Context())
	require.NoError(t, err)
	for _, platform := range []string{"linux-amd64", "linux-arm64"} { // where they run does not matter here
		require.NoError(t, os.WriteFile(filepath.Join(dist, "render-"+platform), []byte(read(t, binary)), 0o700))
	}
	out, err := release(t, []string{"BASE=" + base.String(), "PLATFORMS=linux/amd64 linux/arm64 windows/amd64"}, "image", dist, registry)
	require.NoError(t, err, out)
	pushed, err := name.NewDigest(strings.TrimSpace(out))
	require.NoError(t, err, out)

	tag, err := name.ParseReference(registry + "/render:" + metadata(t).Version)
	require.NoError(t, err)
	for _, platform := range []v1.Platform{{OS: "linux", Architecture: "amd64"}, {OS: "linux", Architecture: "arm64"}} {
		made, err := remote.Image(tag, remote.WithPlatform(platform))
		require.NoError(t, err)
		layers, err := made.Layers()
		require.NoError(t, err)
		assert.Len(t, layers, 2, "the base's and the command's")
	}
	made, err := remote.Image(pushed, remote.WithPlatform(v1.Platform{OS: "linux", Architecture: "amd64"}))
	require.NoError(t, err)
	config, err := made.ConfigFile()
	require.NoError(t, err)
	assert.Equal(t, "65532", config.Config.User)
	command := filepath.Join(extract(t, made), config.Config.Entrypoint[0])
	lint, err := exec.CommandContext(t.Context(), command, "lint", "--format", "github", example("istio-task", "values.yaml")).CombinedOutput()
	require.NoError(t, err, string(lint))
}

// extract returns a folder with the files of an image.
func extract(t *testing.T, image v1.Image) string {
	t.Helper()
	folder := t.TempDir()
	files := mutate.Extract(image)
	defer files.Close() // it was read alone
	archive := tar.NewReader(files)
	for {
		header, err := archive.Next()
		if err == io.EOF { //nolint:errorlint // as tar says
			return folder
		}
		require.NoError(t, err)
		content, err := io.ReadAll(archive)
		require.NoError(t, err)
		path := filepath.Join(folder, filepath.FromSlash(header.Name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, content, os.FileMode(header.Mode)))
	}
}

// The action and the component run the image of this version, with arguments that the command takes.
func TestActionAndComponentLint(t *testing.T) {
	var action struct {
		Inputs map[string]struct{ Default string }
		Runs   struct {
			Using, Image string
			Args         []string
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, filepath.Join(project.Root(), "action.yml"))), &action))
	pinned := image + ":" + metadata(t).Version
	assert.Equal(t, "docker://"+pinned, action.Runs.Image)
	_, job, found := strings.Cut(read(t, filepath.Join(project.Root(), "templates", "lint.yml")), "\n---\n")
	require.True(t, found)
	var component map[string]struct {
		Image  struct{ Name string }
		Script []string
	}
	require.NoError(t, yaml.Unmarshal([]byte(job), &component))
	assert.Equal(t, pinned, component["egress-lint"].Image.Name)

	for path, good := range map[string]bool{example("istio-task", "values.yaml"): true, wrongValues(t): false} {
		args := append([]string(nil), action.Runs.Args...)
		args[len(args)-1] = path
		out, err := project.Render(t, args...)
		assert.Equal(t, good, err == nil, "%s %v", out, err)
		assert.Equal(t, !good, strings.Contains(string(out), "::error file="), string(out))

		binary, err := build.Command{Name: "render", Package: "./cmd/render", Module: project.Root()}.Build(t.Context())
		require.NoError(t, err)
		script := exec.CommandContext(t.Context(), "sh", "-euc", strings.ReplaceAll(component["egress-lint"].Script[0], "$[[ inputs.path ]]", path))
		script.Dir = t.TempDir()
		script.Env = append(os.Environ(), "PATH="+filepath.Dir(link(t, binary))+string(os.PathListSeparator)+os.Getenv("PATH"))
		text, err := script.CombinedOutput()
		assert.Equal(t, good, err == nil, string(text))
		quality := read(t, filepath.Join(script.Dir, "gl-code-quality-report.json"))
		assert.Equal(t, !good, strings.Contains(quality, "severity"), quality)
	}
}

// link returns the command under the name render.
func link(t *testing.T, binary string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "render")
	require.NoError(t, os.Symlink(binary, path))
	return path
}

// wrongValues is a file with an error.
func wrongValues(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(path, []byte(
		"externalNameServices:\n  - {name: a, externalName: A.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}\n"), 0o600))
	return path
}
