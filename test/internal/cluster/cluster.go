//go:build e2e

// Package cluster starts a Kubernetes control plane for tests, as processes on
// the loopback address: etcd, the API server, Istio's CRDs, and istiod where
// wanted. There are no nodes and no controllers: objects are stored, validated
// and watched, nothing else happens to them.
package cluster

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// graceful is how long a component may take to end by itself.
const graceful = 10 * time.Second

// Cluster is a running control plane.
type Cluster struct {
	folder    string
	processes []*process
	server    string
}

// Start builds what is missing, starts etcd and the API server, and installs
// the CRDs of Istio, of the version in use, and of the Gateway API. When it fails, nothing is left behind.
func Start(ctx context.Context) (*Cluster, error) {
	manifests, err := readCRDs(ctx)
	if err != nil {
		return nil, err
	}
	return StartWith(ctx, manifests...)
}

// StartWith is Start with other CRDs, as YAML documents.
func StartWith(ctx context.Context, crds ...string) (*Cluster, error) {
	folder, err := os.MkdirTemp("", "istio-egress-cluster-")
	if err != nil {
		return nil, fmt.Errorf("start a cluster: %w", err)
	}
	c := &Cluster{folder: folder}
	if err := c.start(ctx, crds); err != nil {
		return nil, fmt.Errorf("start a cluster: %w", errors.Join(err, c.Stop()))
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, crds []string) error {
	store, err := c.startEtcd(ctx)
	if err != nil {
		return err
	}
	if err := c.startAPIServer(ctx, store); err != nil {
		return err
	}
	return c.installCRDs(ctx, crds)
}

// Stop ends all processes, the last one first, and removes their files.
func (c *Cluster) Stop() error {
	for _, p := range slices.Backward(c.processes) {
		p.stop(graceful)
	}
	c.processes = nil
	return os.RemoveAll(c.folder)
}

// run launches a component's process and waits until it is ready.
func (c *Cluster) run(ctx context.Context, name, path string, args, env []string, ready func() error) error {
	p, err := launch(ctx, c.folder, name, path, args, env)
	if err != nil {
		return err
	}
	c.processes = append(c.processes, p)
	return p.waitFor(ctx, ready, readyLimit)
}

// Kubeconfig is the path of the configuration of a user.
func (c *Cluster) Kubeconfig(user User) string {
	return filepath.Join(c.folder, string(user)+".kubeconfig")
}

// Config is how a client of the user talks to the API server.
func (c *Cluster) Config(user User) (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", c.Kubeconfig(user))
	if err != nil {
		return nil, fmt.Errorf("read the kubeconfig of %s: %w", user, err)
	}
	config.QPS = -1 // the API server is ours alone
	config.WarningHandler = rest.NoWarnings{}
	return config, nil
}
