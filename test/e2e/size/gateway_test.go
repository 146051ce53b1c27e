//go:build e2e

package size

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// mostThrough is what a sidecar and the gateway may get for 1,000 entries through the gateway, and the gateway where its
// namespace does not see the Services. Where the gateway originates TLS, a cluster an entry is the subset's, without which a
// missing rule would be plaintext to the TLS port.
var mostThrough = map[string]struct{ sidecar, gateway, unseen config }{
	"http, SIMPLE": {config{clusters: 1007, bytes: 1726<<10 - 1}, config{clusters: 3005, bytes: 3731<<10 - 1}, config{clusters: 2005, bytes: 2821<<10 - 1}},
	"tls, DISABLE": {config{clusters: 3007, bytes: 3947<<10 - 1}, config{clusters: 4005, bytes: 5230<<10 - 1}, config{clusters: 3005, bytes: 4220<<10 - 1}},
}

// What the headers cost is left out here too.
func TestCostThroughTheGateway(t *testing.T) {
	for _, kind := range kinds {
		limit, known := mostThrough[kind.name]
		if !known {
			continue
		}
		values := kind.values(t, "", true)
		values["egressGateway"] = map[string]any{
			"name": "istio-egressgateway", "namespace": "istio-system", "selector": map[string]any{"istio": "egressgateway"}, "default": "gateway",
		}
		sidecar, gateway := throughGateway(t, values)
		t.Logf("%d entries, %s: sidecar %+v, gateway %+v", *entries, kind.name, sidecar, gateway)
		assert.LessOrEqual(t, sidecar.clusters, scaled(limit.sidecar.clusters), kind.name)
		assert.LessOrEqual(t, sidecar.bytes, scaled(limit.sidecar.bytes), kind.name)
		assert.LessOrEqual(t, gateway.clusters, scaled(limit.gateway.clusters), kind.name)
		assert.LessOrEqual(t, gateway.bytes, scaled(limit.gateway.bytes), kind.name)

		// A gateway gets a cluster of every Service that its namespace sees, and has no use for those.
		values["exportTo"] = []any{"team-1"}
		_, gateway = throughGateway(t, values)
		t.Logf("and seen by the callers' namespace alone: gateway %+v", gateway)
		assert.LessOrEqual(t, gateway.clusters, scaled(limit.unseen.clusters), kind.name)
		assert.LessOrEqual(t, gateway.bytes, scaled(limit.unseen.bytes), kind.name)
	}
}

func throughGateway(t *testing.T, values map[string]any) (sidecar, gateway config) {
	t.Helper()
	m := mesh.New(t, mesh.Options{Objects: []string{mesh.Rendered(t, values, mesh.GatewayObjects).String()}})
	return sizeOf(m.Sidecar(mesh.Workload{Namespace: "team-1"})), sizeOf(m.Gateway().Sidecar)
}
