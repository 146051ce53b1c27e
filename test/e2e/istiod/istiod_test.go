//go:build e2e

// Package istiod installs examples in a cluster with a running istiod and
// checks the configuration that it sends to sidecars: the same calls as
// package sidecar checks in process.
package istiod

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/gruntwork-io/terratest/modules/helm"
	"github.com/gruntwork-io/terratest/modules/k8s"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/wait"

	"github.com/istio-egress/istio-egress/test/internal/calls"
	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
	"github.com/istio-egress/istio-egress/test/internal/xds"
)

var (
	control *cluster.Cluster
	istiod  string
)

func TestMain(m *testing.M) {
	os.Exit(cluster.Main(m, func(ctx context.Context) (_ *cluster.Cluster, err error) {
		if control, err = cluster.Start(ctx); err != nil {
			return nil, err
		}
		if istiod, err = control.StartIstiod(ctx); err != nil {
			return control, err
		}
		return control, nil
	}))
}

// sample are the examples that need nothing but themselves; together they use
// every kind that the chart renders.
var sample = []string{
	"istio-task", "tls-origination", "many-aliases-one-host", "mutual-tls", "endpoints-origination", "argocd-endpoints", "registry-only-team",
	"managed-database", "without-sidecar",
}

func TestRunningIstiod(t *testing.T) {
	for _, name := range sample {
		t.Run(name, func(t *testing.T) {
			install(t, name)
			objects := live(t)
			table := filepath.Join(project.Root(), "test", "e2e", "sidecar", "testdata", name+".calls")
			eventually(t, func() error {
				return calls.Compare(table, func(w mesh.Workload) (*mesh.Sidecar, error) {
					config, err := xds.Fetch(t.Context(), istiod, w)
					if err != nil {
						return nil, err
					}
					return mesh.NewSidecar(t, w.Namespace, mesh.NewNames(objects), config), nil
				})
			})
		})
	}
}

// install installs the example with helm and removes it after the test.
func install(t *testing.T, example string) {
	t.Helper()
	createNamespaces(t, "team-a", "team-a-batch", "istio-egress")
	options := helmbin.Helm3.Options(t)
	options.KubectlOptions = k8s.NewKubectlOptions("", control.Kubeconfig(cluster.Admin), "default")
	options.ValuesFiles = []string{filepath.Join(project.Root(), "examples", example, "values.yaml")}
	require.NoError(t, helm.InstallContextE(t, t.Context(), options, project.Chart(), example))
	t.Cleanup(func() {
		// The test's own context is over by now.
		options.ValuesFiles = nil
		require.NoError(t, helm.DeleteContextE(t, context.Background(), options, example, true))
	})
}

func createNamespaces(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := control.CreateNamespace(t.Context(), name); !errors.IsAlreadyExists(err) {
			require.NoError(t, err)
		}
	}
}

// live reads the objects that give names and addresses.
func live(t *testing.T) mesh.Objects {
	t.Helper()
	client, err := control.Client(cluster.Admin)
	require.NoError(t, err)
	var objects mesh.Objects
	for kind, version := range map[string]string{"Service": "v1", "ServiceEntry": "networking.istio.io/v1"} {
		for _, namespace := range []string{"default", "team-a"} {
			list, err := client.List(t.Context(), version, kind, namespace)
			require.NoError(t, err)
			for _, object := range list {
				objects = append(objects, mesh.Object{Unstructured: &object})
			}
		}
	}
	return objects
}

// eventually tries until istiod has seen what was installed.
func eventually(t *testing.T, try func() error) {
	t.Helper()
	const interval, limit = 100 * time.Millisecond, time.Minute
	var last error
	err := wait.PollUntilContextTimeout(t.Context(), interval, limit, true, func(context.Context) (bool, error) {
		last = try()
		return last == nil, nil
	})
	require.NoError(t, err, "%v", last)
}
