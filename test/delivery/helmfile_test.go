package delivery

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// installed is the release that an example for another tool than helm describes. Values are paths; the last one wins.
type installed struct {
	Name, Namespace, Chart, Version string
	Values                          []string
}

// helmfile is the part of a helmfile that the example has.
type helmfile struct {
	Releases []installed
}

// helmfileExample decodes the example strictly.
func helmfileExample(text string) (file helmfile, err error) {
	err = yaml.UnmarshalStrict([]byte(text), &file)
	return file, err
}

func TestHelmfileExample(t *testing.T) {
	file, err := helmfileExample(read(t, example("helmfile", "helmfile.yaml")))
	require.NoError(t, err)
	require.Len(t, file.Releases, 1)
	release := file.Releases[0]
	for i, path := range release.Values {
		release.Values[i] = example("helmfile", path)
	}
	assertInstalls(t, release)
}

func TestHelmfileExampleIsReadStrictly(t *testing.T) {
	_, err := helmfileExample(strings.Replace(read(t, example("helmfile", "helmfile.yaml")), "version:", "release:", 1))
	assert.ErrorContains(t, err, "release")
}

// assertInstalls renders what the example installs, and the same with a host that its guard rails forbid.
func assertInstalls(t *testing.T, release installed) {
	t.Helper()
	chart, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	assert.Equal(t, "oci://ghcr.io/istio-egress/charts/istio-egress", release.Chart)
	assert.Equal(t, chart.Version(), release.Version, "the example installs this version")
	require.Len(t, release.Values, 2)
	forbidden := filepath.Join(t.TempDir(), "team.yaml")
	text := strings.ReplaceAll(read(t, release.Values[0]), "payments.example.com", "payments.example.org")
	require.NoError(t, os.WriteFile(forbidden, []byte(text), 0o600))

	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		template := func(values ...string) (string, error) {
			args := []string{release.Name, project.Chart(), "--namespace", release.Namespace}
			for _, path := range values {
				args = append(args, "--values", path)
			}
			out, err := helmbin.Output(t.Context(), h.Options(t), "template", args...)
			return string(out), err
		}
		out, err := template(release.Values...)
		require.NoError(t, err)
		for _, name := range []string{"payments", "mainframe"} {
			assert.Contains(t, out, "kind: Service\nmetadata:\n  name: "+strconv.Quote(name))
		}
		_, err = template(forbidden, release.Values[1])
		assert.ErrorContains(t, err, "policy.hosts")
	})
}
