//go:build e2e

// Package install drives the real helm commands against a real API server:
// what a release creates, changes and leaves behind.
package install

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
