package parity

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// render lint and the real helm commands are of one mind: what lint refuses, the chart refuses, and what lint accepts
// renders.
func TestLintAndHelmAgree(t *testing.T) {
	chart, err := render.Load()
	require.NoError(t, err)
	refused, count := 0, 0
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		count++
		values := valuesgen.Random(random, 1+random.IntN(8))
		if random.IntN(2) == 0 {
			values, _ = valuesgen.Plant(random, values)
		}
		file := write(t, values)
		findings, err := lint.Releases(chart, []lint.Release{{Values: render.ValuesOptions{Files: []string{file}}}}, lint.Options{})
		require.NoError(t, err)
		errors, _ := lint.Count(findings)
		if errors > 0 {
			refused++
		}
		helm := []*helmbin.Helm{helmbin.Helm3, helmbin.Helm4}[random.IntN(2)]
		_, err = helmbin.Output(t.Context(), helm.Options(t), "template", project.Chart(), "-f", file)
		assert.Equal(t, errors > 0, err != nil, "%s: lint found %v, helm said %v", helm.Name, findings, err)
	})
	t.Logf("%d of %d refused by both", refused, count)
}

func write(t *testing.T, values map[string]any) string {
	t.Helper()
	data, err := yaml.Marshal(values)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "values.yaml")
	require.NoError(t, os.WriteFile(file, data, 0o600))
	return file
}
