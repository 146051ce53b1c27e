package manifest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-egress/istio-egress/test/internal/manifest"
)

func TestDocuments(t *testing.T) {
	want := []string{"# Source: a\nkind: A", "kind: B\ntext: |\n  one\n\n  two ---"}
	helm3 := "---\n# Source: a\nkind: A\n---\nkind: B\ntext: |\n  one\n\n  two ---\n"
	helm4 := "---\n# Source: a\nkind: A\n\n---\nkind: B\ntext: |\n  one\n\n  two ---\n\n"
	assert.Equal(t, want, manifest.Documents(helm3))
	assert.Equal(t, want, manifest.Documents(helm4))
	assert.Empty(t, manifest.Documents("\n"))
	assert.NotEqual(t, want, manifest.Documents("---\nkind: B\n---\n# Source: a\nkind: A\n"), "order counts")
}
