package main

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The generator that is asked by the tests under test/e2e, and the one whose configuration Envoy gets,
// are the same.
func TestIstioIsThatOfTheOtherTests(t *testing.T) {
	assert.Equal(t, requiredIstio(t, "../go.mod"), requiredIstio(t, "go.mod"))
}

func requiredIstio(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	found := regexp.MustCompile(`(?m)^\s+istio\.io/istio (\S+)$`).FindSubmatch(content)
	require.NotNil(t, found, "%s requires no istio.io/istio", path)
	return string(found[1])
}
