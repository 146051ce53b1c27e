package markdown_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/markdown"
)

func blocks(t *testing.T, text string) ([]markdown.Block, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "document.md")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return markdown.Read(path)
}

func TestRead(t *testing.T) {
	got, err := blocks(t, "text\n\n```yaml manifest file=a.yaml\na: 1\n```\n\n```\nplain\n```\n")
	require.NoError(t, err)
	assert.Equal(t, []markdown.Block{
		{Place: "document.md:3", Language: "yaml", Attributes: map[string]string{"manifest": "", "file": "a.yaml"}, Text: "a: 1\n"},
		{Place: "document.md:7", Attributes: map[string]string{}, Text: "plain\n"},
	}, got)

	_, err = blocks(t, "```yaml\na: 1\n")
	assert.ErrorContains(t, err, "document.md:1: the block has no end")
}

func TestCommands(t *testing.T) {
	assert.Equal(t, []markdown.Command{{Line: "make test"}, {Line: "make lint verify"}},
		markdown.Block{Text: "make test   # what a change must pass\n\nmake lint verify\n"}.Commands())
	assert.Equal(t, []markdown.Command{{Line: "render lint", Output: "one\n...\n", Shown: true}, {Line: "ls", Shown: true}},
		markdown.Block{Text: "$ render lint\none\n...\n$ ls\n"}.Commands())
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		shown, printed string
		want           bool
	}{
		{"a\nb\n", "a\nb\n", true},
		{"a\n", "a\nb\n", false},
		{"b\n", "a\nb\n", false},
		{"a\n...\n", "a\nb\nc\n", true},
		{"...\nc\n", "a\nb\nc\n", true},
		{"a\n...\nc\n", "a\nb\nc\n", true},
		{"a\n...\nd\n", "a\nb\nc\n", false},
		{"", "", true},
		{"", "a\n", false},
	} {
		assert.Equal(t, c.want, markdown.Matches(c.shown, c.printed), "%q %q", c.shown, c.printed)
	}
}
