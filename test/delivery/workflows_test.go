package delivery

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

// pinned is an action at a commit, with its version for the reader: a tag can be moved, a commit cannot.
var pinned = regexp.MustCompile(`^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`)

func TestActionsArePinned(t *testing.T) {
	workflows, err := filepath.Glob(filepath.Join(project.Root(), ".github", "workflows", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, workflows)
	for _, path := range workflows {
		content := read(t, path)
		var workflow struct {
			Permissions map[string]string
			Jobs        map[string]any
		}
		require.NoError(t, yaml.Unmarshal([]byte(content), &workflow), path)
		assert.NotNil(t, workflow.Permissions, "%s: permissions are those of the token unless said otherwise", path)
		assert.NotEmpty(t, workflow.Jobs, path)
		for line := range strings.Lines(content) {
			if _, action, ok := strings.Cut(line, "uses: "); ok {
				assert.Regexp(t, pinned, strings.TrimSpace(action), path)
			}
		}
	}
	assert.NotRegexp(t, pinned, "actions/checkout@v4.2.2")
}

// The workflows call scripts and targets that exist.
func TestWorkflowsRunWhatExists(t *testing.T) {
	workflows, err := filepath.Glob(filepath.Join(project.Root(), ".github", "workflows", "*.yaml"))
	require.NoError(t, err)
	script := regexp.MustCompile(`[ "]\.?ci/[a-z-]+`)
	for _, path := range workflows {
		for _, name := range script.FindAllString(read(t, path), -1) {
			assert.FileExists(t, filepath.Join(project.Root(), strings.Trim(name, ` "`)), path)
		}
	}
}
