// Package helmcommand builds the helm commands, helm 3 and helm 4, from the
// versions in the go.mod of this module. Package helmbin runs them in tests.
package helmcommand

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/istio-egress/istio-egress/test/internal/build"
)

// The modules of the two helm commands that the chart supports.
const (
	Helm3 = "helm.sh/helm/v3"
	Helm4 = "helm.sh/helm/v4"
)

// Command tells how a module's helm is built. The name is what it is called in
// the cache of binaries.
func Command(ctx context.Context, name, module string) (build.Command, error) {
	folder := Folder()
	flags, err := ldFlags(ctx, folder, module)
	if err != nil {
		return build.Command{}, err
	}
	return build.Command{Name: name, Package: module + "/cmd/helm", Module: folder, LDFlags: flags}, nil
}

// Build returns the path of a module's helm, and builds it first where needed.
func Build(ctx context.Context, name, module string) (string, error) {
	command, err := Command(ctx, name, module)
	if err != nil {
		return "", err
	}
	return command.Build(ctx)
}

// ldFlags are those of helm's own release build, less the commit: without them
// helm takes itself for a development version, and helm 3 takes the cluster for
// Kubernetes 1.20, which the chart's kubeVersion refuses.
func ldFlags(ctx context.Context, folder, module string) ([]string, error) {
	release, err := build.ModuleVersion(ctx, folder, module)
	if err != nil {
		return nil, err
	}
	clientGo, err := build.ModuleVersion(ctx, folder, "k8s.io/client-go")
	if err != nil {
		return nil, err
	}
	flags := []string{
		"-s", "-w",
		"-X " + module + "/internal/version.version=" + release,
		"-X " + module + "/internal/version.gitTreeState=clean",
	}
	if module == Helm4 {
		return flags, nil // helm 4 reads the version of client-go from the binary
	}
	_, rest, _ := strings.Cut(clientGo, ".") // v0.37.1 is of Kubernetes 1.37
	minor, _, ok := strings.Cut(rest, ".")
	if !ok {
		return nil, fmt.Errorf("k8s.io/client-go has the version %q, which tells no Kubernetes version", clientGo)
	}
	for _, pkg := range []string{"pkg/chartutil", "pkg/lint/rules"} {
		flags = append(flags,
			"-X "+module+"/"+pkg+".k8sVersionMajor=1",
			"-X "+module+"/"+pkg+".k8sVersionMinor="+minor)
	}
	return flags, nil
}

// Folder is the folder of the go.mod that pins helm.
func Folder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}
