package delivery

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// helm upgrade --reuse-values takes the defaults of the old version along: a
// value that is new in this version is not there. Every template has to cope
// with the absence of any value.
func TestRendersWithoutAnyDefault(t *testing.T) {
	chart := copyChart(t)
	require.NoError(t, os.WriteFile(filepath.Join(chart, "values.yaml"), []byte("{}\n"), 0o600))
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		for _, example := range project.Examples(t) {
			want, err := helmbin.Output(t.Context(), h.Options(t), "template", project.Chart(), "--values", example.Values)
			require.NoError(t, err)
			got, err := helmbin.Output(t.Context(), h.Options(t), "template", chart, "--values", example.Values)
			require.NoError(t, err)
			assert.Equal(t, string(want), string(got), example.Name)
		}
	})
}
