//go:build e2e

// Package sidecar checks with istiod's own code what sidecars make of what the
// chart renders.
package sidecar

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// rendered is what the chart makes of the values, as the API server would
// store it.
func rendered(t *testing.T, values string) mesh.Objects {
	t.Helper()
	parsed, err := render.ParseValues([]byte(values))
	require.NoError(t, err)
	return mesh.Rendered(t, parsed)
}

func renderedFile(t *testing.T, path string) mesh.Objects {
	t.Helper()
	values, err := os.ReadFile(path)
	require.NoError(t, err)
	return rendered(t, string(values))
}
