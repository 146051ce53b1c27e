//go:build e2e

package sidecar

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/calls"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// Each testdata/cases/<case>.yaml is a set of values with its calls beside it.
// A mesh-wide rule for mutual TLS must not change any of them.
func TestCases(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join("testdata", "cases", "*.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		base := strings.TrimSuffix(path, ".yaml")
		t.Run(filepath.Base(base), func(t *testing.T) {
			objects := renderedFile(t, path)
			everyObjectHasAnEffect(t, objects)
			for name, wide := range meshWide {
				t.Run(name, func(t *testing.T) {
					m := mesh.New(t, mesh.Options{Objects: []string{objects.String(), wide}})
					calls.Check(t, base+".calls", m.Sidecar)
				})
			}
		})
	}
}
