//go:build e2e

package cluster

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/test/internal/components"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// StartIstiod starts istiod on the cluster and returns the address of its xDS
// server. It ends with the cluster.
func (c *Cluster) StartIstiod(ctx context.Context) (string, error) {
	path, err := components.Istiod.Build(ctx)
	if err != nil {
		return "", err
	}
	if err := c.CreateNamespace(ctx, mesh.RootNamespace); err != nil {
		return "", err
	}
	ports, err := freePorts(ctx, 4)
	if err != nil {
		return "", err
	}
	http, xds := loopback(ports[0]), loopback(ports[1])
	args := []string{
		"discovery", "--kubeconfig=" + c.Kubeconfig(Admin),
		"--httpAddr=" + http, "--grpcAddr=" + xds, "--monitoringAddr=" + loopback(ports[2]),
		"--secureGRPCAddr=", "--httpsAddr=",
		fmt.Sprintf("--ctrlz_port=%d", ports[3]), "--ctrlz_address=127.0.0.1",
	}
	env := []string{"PILOT_CERT_PROVIDER=istiod", "POD_NAMESPACE=" + mesh.RootNamespace}
	return xds, c.run(ctx, "istiod", path, args, env, func() error { return getOK(ctx, "http://"+http+"/ready") })
}

// CreateNamespace creates a namespace. There is no controller that would
// delete one.
func (c *Cluster) CreateNamespace(ctx context.Context, name string) error {
	client, err := c.Client(Admin)
	if err != nil {
		return err
	}
	namespace := &unstructured.Unstructured{Object: map[string]any{"apiVersion": "v1", "kind": "Namespace"}}
	namespace.SetName(name)
	if err := client.Create(ctx, namespace); err != nil {
		return fmt.Errorf("create the namespace %s: %w", name, err)
	}
	return nil
}
