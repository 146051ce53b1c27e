//go:build e2e

// Package agreement checks that whatever the chart accepts, the API server and
// Istio accept too, with random values.
package agreement

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
