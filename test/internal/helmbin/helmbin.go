// Package helmbin gives tests the real helm commands, helm 3 and helm 4, built
// from the versions in the go.mod of this module, and runs them through terratest.
package helmbin

import (
	"context"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/helmcommand"
)

// Helm is one major version of the helm command.
type Helm struct {
	// Name is the major version as users write it: "helm3" or "helm4".
	Name string

	module string
	path   func() (string, error)
}

// The two helm commands that the chart supports.
var (
	Helm3 = newHelm("helm3", helmcommand.Helm3)
	Helm4 = newHelm("helm4", helmcommand.Helm4)
)

func newHelm(name, module string) *Helm {
	h := &Helm{Name: name, module: module}
	h.path = sync.OnceValues(h.build)
	return h
}

// Each runs the test once under every helm.
func Each(t *testing.T, test func(*testing.T, *Helm)) {
	t.Helper()
	for _, h := range []*Helm{Helm3, Helm4} {
		t.Run(h.Name, func(t *testing.T) { test(t, h) })
	}
}

// Path returns the path of the command's binary, and builds it first where needed.
func (h *Helm) Path(t *testing.T) string {
	t.Helper()
	path, err := h.path()
	require.NoError(t, err)
	return path
}

func (h *Helm) build() (string, error) {
	// Not the context of a test: all tests of the process share the result.
	return helmcommand.Build(context.Background(), h.Name, h.module)
}
