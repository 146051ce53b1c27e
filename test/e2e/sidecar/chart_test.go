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
	chart, err := render.Load()
	require.NoError(t, err)
	parsed, err := render.ParseValues([]byte(values))
	require.NoError(t, err)
	result, err := chart.Render(parsed, render.Options{})
	require.NoError(t, err)
	objects, err := mesh.Split(string(result.Manifest()))
	require.NoError(t, err)
	objects, err = objects.WithClusterIPs()
	require.NoError(t, err)
	return objects
}

func renderedFile(t *testing.T, path string) mesh.Objects {
	t.Helper()
	values, err := os.ReadFile(path)
	require.NoError(t, err)
	return rendered(t, string(values))
}
