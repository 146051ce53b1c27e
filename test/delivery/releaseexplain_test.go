package delivery

import (
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

// What go install needs is there with the tag: egress-explain requires the root module that is released with it.
func TestReleaseOfExplainChecksTheTag(t *testing.T) {
	check := func(tag string) (string, error) {
		out, err := exec.CommandContext(t.Context(), filepath.Join(project.Root(), "ci", "release-explain"), "check", tag).CombinedOutput()
		return string(out), err
	}
	out, err := check("v" + metadata(t).Version)
	require.NoError(t, err, out)
	out, err = check("v97.0.0")
	require.Error(t, err)
	assert.Contains(t, out, "explain/go.mod requires v"+metadata(t).Version+" of the root module, and the tag is v97.0.0")
}
