package delivery

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

type chartMetadata struct {
	Version     string
	AppVersion  string
	Annotations map[string]string
	Icon        string
	Maintainers []struct{ Name, Email string }
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
	_, entry, found := strings.Cut(read(t, filepath.Join(project.Root(), "CHANGELOG.md")), "\n## "+metadata(t).Version+"\n")
	require.True(t, found)
	entry, _, _ = strings.Cut(entry, "\n## ")
	file := filepath.Join(project.Chart(), "Chart.yaml")
	before, after, found := strings.Cut(read(t, file), "  artifacthub.io/changes: |\n")
	require.True(t, found)
	rest := strings.SplitAfter(after, "\n")
	for len(rest) > 0 && strings.HasPrefix(rest[0], "    ") {
		rest = rest[1:]
	}
	golden.Equal(t, file, before+"  artifacthub.io/changes: |\n"+changes(entry)+strings.Join(rest, ""))
}

// changes writes the list items of an entry of the changelog as Artifact Hub reads them, up to the first semicolon, as every
// release stores them. Their kind is the word that stands above them, or else "changed".
func changes(entry string) string {
	var out strings.Builder
	kind, prefix, description := "changed", "", ""
	flush := func() {
		if description != "" {
			description, _, _ = strings.Cut(description, "; ")
			fmt.Fprintf(&out, "    - kind: %s\n      description: %q\n", kind, prefix+description)
		}
		description = ""
	}
	for line := range strings.Lines(entry) {
		line = strings.TrimSuffix(line, "\n")
		switch item, isItem := strings.CutPrefix(line, "- "); {
		case isItem:
			flush()
			description = item
		case strings.HasPrefix(line, "  ") && description != "":
			description += " " + strings.TrimSpace(line)
		case line != "":
			flush()
			kind = "changed"
			prefix = ""
			switch word := strings.ToLower(line); {
			case slices.Contains([]string{"added", "changed", "deprecated", "removed", "fixed", "security"}, word):
				kind = word
			case !strings.ContainsAny(line, ".:,"): // a heading of its own
				prefix = word + ": "
			}
		}
	}
	flush()
	return out.String()
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

// What Artifact Hub asks of a chart, by its documents and its linter (ah lint 1.22): it leaves out maintainers without an
// address, and shows an icon, a licence, a category, changes of kinds that it knows, and recommendations.
func TestArtifactHubShowsTheChart(t *testing.T) {
	chart := metadata(t)
	require.NotEmpty(t, chart.Maintainers)
	var repository struct {
		Owners []struct{ Name, Email string }
	}
	require.NoError(t, yaml.UnmarshalStrict([]byte(read(t, filepath.Join(project.Root(), "artifacthub-repo.yml"))), &repository))
	for _, maintainer := range chart.Maintainers {
		assert.Regexp(t, "^[^@ ]+@[^@ ]+$", maintainer.Email)
	}
	for i, owner := range repository.Owners {
		assert.Equal(t, chart.Maintainers[i].Email, owner.Email)
	}
	path, found := strings.CutPrefix(chart.Icon, "https://raw.githubusercontent.com/istio-egress/istio-egress/main/")
	require.True(t, found)
	assert.Contains(t, read(t, filepath.Join(project.Root(), path)), "<svg")
	assert.Equal(t, "Apache-2.0", chart.Annotations["artifacthub.io/license"])
	assert.Equal(t, "networking", chart.Annotations["artifacthub.io/category"])
	var changed []struct{ Kind, Description string }
	annotation(t, "changes", &changed)
	for _, change := range changed {
		assert.Contains(t, []string{"added", "changed", "deprecated", "removed", "fixed", "security"}, change.Kind, change.Description)
		assert.NotEmpty(t, change.Description)
	}
	var recommended []struct{ URL string }
	annotation(t, "recommendations", &recommended)
	for _, recommendation := range recommended {
		assert.Regexp(t, `^https://artifacthub\.io/packages/helm/[\w-]+/[\w-]+$`, recommendation.URL)
	}
}
