// Package helmbin gives tests the real helm commands, helm 3 and helm 4, built
// from the versions in the go.mod of this module, and runs them through terratest.
package helmbin

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/build"
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
	Helm3 = newHelm("helm3", "helm.sh/helm/v3")
	Helm4 = newHelm("helm4", "helm.sh/helm/v4")
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
	ctx := context.Background()
	folder := moduleFolder()
	flags, err := h.ldFlags(ctx, folder)
	if err != nil {
		return "", err
	}
	return build.Command{
		Name: h.Name, Package: h.module + "/cmd/helm", Module: folder, LDFlags: flags,
	}.Build(ctx)
}

// ldFlags are those of helm's own release build, less the commit: without them
// helm takes itself for a development version, and helm 3 takes the cluster for
// Kubernetes 1.20, which the chart's kubeVersion refuses.
func (h *Helm) ldFlags(ctx context.Context, folder string) ([]string, error) {
	release, err := build.ModuleVersion(ctx, folder, h.module)
	if err != nil {
		return nil, err
	}
	clientGo, err := build.ModuleVersion(ctx, folder, "k8s.io/client-go")
	if err != nil {
		return nil, err
	}
	flags := []string{
		"-s", "-w",
		"-X " + h.module + "/internal/version.version=" + release,
		"-X " + h.module + "/internal/version.gitTreeState=clean",
	}
	if h.module == "helm.sh/helm/v4" {
		return flags, nil // helm 4 reads the version of client-go from the binary
	}
	_, rest, _ := strings.Cut(clientGo, ".") // v0.37.1 is of Kubernetes 1.37
	minor, _, ok := strings.Cut(rest, ".")
	if !ok {
		return nil, fmt.Errorf("k8s.io/client-go has the version %q, which tells no Kubernetes version", clientGo)
	}
	for _, pkg := range []string{"pkg/chartutil", "pkg/lint/rules"} {
		flags = append(flags,
			"-X "+h.module+"/"+pkg+".k8sVersionMajor=1",
			"-X "+h.module+"/"+pkg+".k8sVersionMinor="+minor)
	}
	return flags, nil
}

// moduleFolder is the folder of the go.mod that pins helm.
func moduleFolder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}
