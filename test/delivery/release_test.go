package delivery

import (
	"encoding/base64"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
	_, err = helmbin.Output(t.Context(), helmbin.Helm3.Options(t), "verify",
		filepath.Join(dist, "istio-egress-"+metadata(t).Version+".tgz"), "--keyring", public)
	assert.NoError(t, err)
}
