package delivery

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/project"
)

func example(names ...string) string {
	return filepath.Join(append([]string{project.Root(), "examples"}, names...)...)
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

// copyChart copies the chart, with texts of its Chart.yaml and values.yaml replaced.
func copyChart(t *testing.T, oldnew ...string) string {
	t.Helper()
	folder := filepath.Join(t.TempDir(), "istio-egress")
	require.NoError(t, os.CopyFS(folder, os.DirFS(project.Chart())))
	for _, name := range []string{"Chart.yaml", "values.yaml"} {
		path := filepath.Join(folder, name)
		edited := strings.NewReplacer(oldnew...).Replace(read(t, path))
		require.NoError(t, os.WriteFile(path, []byte(edited), 0o600))
	}
	return folder
}
