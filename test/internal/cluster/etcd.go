//go:build e2e

package cluster

import (
	"context"
	"path/filepath"
	"time"

	"github.com/istio-egress/istio-egress/test/internal/components"
)

// readyLimit is how long a component may take to get ready on a busy machine.
const readyLimit = 3 * time.Minute

// startEtcd returns the URL of the store.
func (c *Cluster) startEtcd(ctx context.Context) (string, error) {
	path, err := components.Etcd.Build(ctx)
	if err != nil {
		return "", err
	}
	ports, err := freePorts(ctx, 2)
	if err != nil {
		return "", err
	}
	client, peer := "http://"+loopback(ports[0]), "http://"+loopback(ports[1])
	args := []string{
		"--data-dir=" + filepath.Join(c.folder, "etcd"),
		"--listen-client-urls=" + client, "--advertise-client-urls=" + client,
		"--listen-peer-urls=" + peer, "--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=default=" + peer,
		"--unsafe-no-fsync", "--log-level=error",
	}
	return client, c.run(ctx, "etcd", path, args, nil, func() error { return getOK(ctx, client+"/health") })
}
