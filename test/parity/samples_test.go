package parity

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

// holdsNoObjects is what lint says of the samples' folders of programs and of Helm values.
var holdsNoObjects = regexp.MustCompile(`no Kubernetes objects in it|no \.yaml, \.yml or \.json file in it`)

// Istio's own samples work, so that nothing may be said of them, folder by folder as they are applied: with sidecars that capture
// DNS or not. Of their charts only the templates are no YAML.
func TestLintSaysNothingOfIstiosSamples(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "istio.io/istio").Output()
	require.NoError(t, err)
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "samples", "*"))
	require.NoError(t, err)
	require.Greater(t, len(files), 20, "Istio has its samples elsewhere")
	linted := 0
	for _, folder := range files {
		for _, flags := range [][]string{nil, {"--dns-capture"}} {
			said, err := project.Render(t, append([]string{"lint", "--manifests", folder}, flags...)...)
			if err != nil && holdsNoObjects.MatchString(err.Error()) {
				continue
			}
			if err != nil {
				require.EqualError(t, err, "exit status 1", folder) // something is said
			}
			linted++
			for line := range strings.Lines(string(said)) {
				isFinding := strings.Contains(line, ": error: ") || strings.Contains(line, ": warning: ")
				assert.False(t, isFinding && !strings.Contains(line, "a template, not YAML"), line)
			}
		}
	}
	assert.Greater(t, linted, 40)
}
