package delivery

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

type chartMetadata struct {
	Version     string
	Annotations map[string]string
}

func metadata(t *testing.T) chartMetadata {
	t.Helper()
	var chart chartMetadata
	require.NoError(t, yaml.Unmarshal([]byte(read(t, filepath.Join(project.Chart(), "Chart.yaml"))), &chart))
	return chart
}

// annotation decodes an annotation of Artifact Hub that is YAML itself.
func annotation(t *testing.T, name string, into any) {
	t.Helper()
	text := metadata(t).Annotations["artifacthub.io/"+name]
	require.NotEmpty(t, text, name)
	require.NoError(t, yaml.UnmarshalStrict([]byte(text), into), name)
}

func TestArtifactHubListsTheImages(t *testing.T) {
	var images []struct{ Name, Image string }
	annotation(t, "images", &images)
	require.Len(t, images, 1)
	var values struct{ Test struct{ Image string } }
	require.NoError(t, yaml.Unmarshal([]byte(read(t, filepath.Join(project.Chart(), "values.yaml"))), &values))
	assert.Equal(t, values.Test.Image, images[0].Image)
}

func TestArtifactHubTellsTheChangesOfTheChangelog(t *testing.T) {
	var changes []struct{ Kind, Description string }
	annotation(t, "changes", &changes)
	var told []string
	for _, change := range changes {
		assert.Contains(t, []string{"added", "changed", "deprecated", "removed", "fixed", "security"}, change.Kind)
		told = append(told, change.Description)
	}
	_, entry, found := strings.Cut(read(t, filepath.Join(project.Root(), "CHANGELOG.md")), "\n## "+metadata(t).Version+"\n")
	require.True(t, found)
	entry, _, _ = strings.Cut(entry, "\n## ")
	var listed []string
	for line := range strings.Lines(entry) {
		if change, ok := strings.CutPrefix(line, "- "); ok {
			listed = append(listed, strings.TrimSpace(change))
		}
	}
	assert.Equal(t, listed, told)
}

func TestArtifactHubLinks(t *testing.T) {
	var links []struct{ Name, URL string }
	annotation(t, "links", &links)
	for _, link := range links {
		assert.True(t, strings.HasPrefix(link.URL, "https://github.com/istio-egress/istio-egress/"), link.URL)
		if _, path, ok := strings.Cut(link.URL, "/tree/main/"); ok {
			assert.DirExists(t, filepath.Join(project.Root(), path))
		}
	}
}
