package cost

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestMarkdown(t *testing.T) {
	text := markdown([]*row{
		{name: "first", latency: sample{1e-3, 3e-3, 2e-3}, connecting: sample{1e-3, 1e-3, 1e-3}, throughput: sample{100, 200, 300}},
		{name: "second", latency: sample{2e-3, 6e-3, 4e-3}, connecting: sample{3e-3, 2e-3, 1e-3}, throughput: sample{50, 100, 150}},
	})
	assert.Contains(t, text, "| first | 2000 µs | 1.00× (1.00–1.00) | 1000 µs | 1.00× (1.00–1.00) | 200 | 1.00× (1.00–1.00) |\n")
	assert.Contains(t, text, "| second | 4000 µs | 2.00× (2.00–2.00) | 2000 µs | 2.00× (1.00–3.00) | 100 | 0.50× (0.50–0.50) |\n")
}

func TestWriteBetweenTheComments(t *testing.T) {
	path := filepath.Join(t.TempDir(), "document.md")
	require.NoError(t, os.WriteFile(path, []byte("before\n"+sectionStart+"old\n"+sectionEnd+"after\n"), 0o600))
	require.NoError(t, Write(path, "new\n"))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "before\n"+sectionStart+"\nnew\n\n"+sectionEnd+"after\n", string(content))

	require.NoError(t, os.WriteFile(path, []byte("nothing"), 0o600))
	assert.ErrorContains(t, Write(path, "new\n"), "put the lines")
}
