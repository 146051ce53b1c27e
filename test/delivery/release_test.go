package delivery

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// release runs a step of the release as the workflow does.
func release(t *testing.T, environment []string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(project.Root(), "ci", "release"), args...)
	cmd.Env = append(os.Environ(), environment...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestReleaseChecksTheTag(t *testing.T) {
	out, err := release(t, nil, "check", "v"+metadata(t).Version)
	require.NoError(t, err, out)
	out, err = release(t, nil, "check", "v97.0.0")
	require.Error(t, err)
	assert.Contains(t, out, "the tag is v97.0.0")
}

func TestReleaseNotesAreTheChangelogs(t *testing.T) {
	out, err := release(t, nil, "notes")
	require.NoError(t, err, out)
	assert.Contains(t, out, "\n- ")
	assert.NotContains(t, out, "## ")
}

func TestReleaseSignsThePackage(t *testing.T) {
	secret, public := newKey(t, "release")
	dist := t.TempDir()
	out, err := release(t, []string{
		"SIGNING_KEY=" + base64.StdEncoding.EncodeToString([]byte(read(t, secret))), "SIGNING_KEY_NAME=release",
	}, "sign", dist)
	require.NoError(t, err, out)
	packed := filepath.Join(dist, "istio-egress-"+metadata(t).Version+".tgz")
	for _, keyring := range []string{public, filepath.Join(dist, "signing-key.gpg")} { // the latter is published
		_, err = helmbin.Output(t.Context(), helmbin.Helm3.Options(t), "verify", packed, "--keyring", keyring)
		assert.NoError(t, err, keyring)
	}

	assert.Equal(t, read(t, filepath.Join(project.Root(), "LICENSE")), inArchive(t, packed, "istio-egress/LICENSE"))
	assert.NotContains(t, inArchive(t, packed, "istio-egress/templates/_model.tpl"), "/*", "comments go into the Secret of each release")
	var chart chartMetadata
	require.NoError(t, yaml.Unmarshal([]byte(inArchive(t, packed, "istio-egress/Chart.yaml")), &chart))
	var key struct{ Fingerprint, URL string }
	require.NoError(t, yaml.UnmarshalStrict([]byte(chart.Annotations["artifacthub.io/signKey"]), &key))
	assert.Regexp(t, "^[0-9A-F]{40}$", key.Fingerprint)
	assert.Equal(t, "https://github.com/istio-egress/istio-egress/releases/download/v"+chart.Version+"/signing-key.gpg", key.URL)
}

// inArchive returns a file of a .tgz.
func inArchive(t *testing.T, archive, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "tar", "-xzOf", archive, name).Output()
	require.NoError(t, err, name)
	return string(out)
}

func TestReleaseChecksumsFindAChangedFile(t *testing.T) {
	dist := t.TempDir()
	file := filepath.Join(dist, "render-linux-amd64")
	require.NoError(t, os.WriteFile(file, []byte("the command"), 0o600))
	out, err := release(t, nil, "checksums", dist)
	require.NoError(t, err, out)
	check := func() error { // as docs/install.md says
		cmd := exec.CommandContext(t.Context(), "sha256sum", "--check", "--ignore-missing", "checksums.txt")
		cmd.Dir = dist
		return cmd.Run()
	}
	require.NoError(t, check())
	require.NoError(t, os.WriteFile(file, []byte("somebody else's"), 0o600))
	assert.Error(t, check())
}
