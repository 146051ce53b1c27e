//go:build e2e

// Package live tests deliveries that need an API server: registries, upgrades,
// drift, the Go example and the test pod.
package live

import (
	"context"
	"os"
	"testing"

	"github.com/istio-egress/istio-egress/test/internal/cluster"
)

var control *cluster.Cluster

func TestMain(m *testing.M) {
	os.Exit(cluster.Main(m, func(ctx context.Context) (_ *cluster.Cluster, err error) {
		control, err = cluster.Start(ctx)
		return control, err
	}))
}
