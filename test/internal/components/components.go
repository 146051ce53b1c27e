// Package components builds the processes of the control plane that the tests
// run (etcd, kube-apiserver, istiod, and istioctl), and cosign, which signs releases.
package components

import (
	"context"
	"fmt"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/istio-egress/istio-egress/test/internal/build"
)

// Component is one of the commands. Its version is that of a module.
type Component struct {
	name, pkg, folder, module string
	// ldFlags makes the linker flags that the version needs.
	ldFlags func(version string) []string
}

// The commands, with the modules that pin their versions.
var (
	Etcd = Component{
		name: "etcd", pkg: "./etcd", folder: "controlplane", module: "go.etcd.io/etcd/server/v3",
	}
	KubeAPIServer = Component{
		name: "kube-apiserver", pkg: "./kube-apiserver", folder: "controlplane", module: "k8s.io/kubernetes",
		ldFlags: kubernetesVersion,
	}
	Istiod = Component{
		name: "istiod", pkg: "istio.io/istio/pilot/cmd/pilot-discovery", folder: ".", module: "istio.io/istio",
	}
	Istioctl = Component{
		name: "istioctl", pkg: "istio.io/istio/istioctl/cmd/istioctl", folder: ".", module: "istio.io/istio",
	}
	Cosign = Component{
		name: "cosign", pkg: "github.com/sigstore/cosign/v2/cmd/cosign", folder: "cosign", module: "github.com/sigstore/cosign/v2",
	}
)

// All of them, in the order in which they are built.
var All = []Component{Etcd, Istiod, Istioctl, KubeAPIServer, Cosign}

// Build returns the path of the command, and builds it first where this
// machine has not done so yet: minutes for most of them. Progress is told on
// standard error.
func (c Component) Build(ctx context.Context) (string, error) {
	folder := filepath.Join(testFolder(), c.folder)
	command := build.Command{Name: c.name, Package: c.pkg, Module: folder}
	if c.ldFlags != nil {
		version, err := build.ModuleVersion(ctx, folder, c.module)
		if err != nil {
			return "", err
		}
		command.LDFlags = c.ldFlags(version)
	}
	return command.Build(ctx)
}

// kubernetesVersion is what clients cannot do without: the API server says it
// at /version.
func kubernetesVersion(version string) []string {
	const variable = "-X k8s.io/component-base/version."
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	flags := []string{"-s", "-w", variable + "gitVersion=" + version}
	if len(parts) == 3 {
		flags = append(flags, fmt.Sprintf("%sgitMajor=%s", variable, parts[0]), fmt.Sprintf("%sgitMinor=%s", variable, parts[1]))
	}
	return flags
}

// testFolder is the folder of the test module.
func testFolder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..")
}
