//go:build e2e

package sidecar

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// More addresses than an EndpointSlice takes: none gets lost.
func TestManyEndpoints(t *testing.T) {
	addresses := make([]string, 2500)
	for i := range addresses {
		addresses[i] = fmt.Sprintf("198.18.%d.%d", i/250, 1+i%250)
	}
	for _, kind := range []string{"EndpointSlice", "ServiceEntry"} {
		t.Run(kind, func(t *testing.T) {
			objects := rendered(t, fmt.Sprintf(`
endpointsKind: %s
endpointServices:
  - name: many
    addresses: [%s]
    ports: [{name: tls, port: 443}]
    tls: {mode: DISABLE}
`, kind, strings.Join(addresses, ", ")))
			m := mesh.New(t, mesh.Options{Objects: []string{objects.String()}})
			assert.Len(t, m.Sidecar(mesh.Workload{}).Call("tls://many:443").Upstreams, len(addresses))
		})
	}
}
