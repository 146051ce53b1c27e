//go:build e2e

package sidecar

import (
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

const policies = `
externalNameServices:
  - name: alias
    externalName: host.example.com
    serviceType: ExternalName
    ports: [{name: http, port: 80, targetPort: 443}, {name: https, port: 443, tls: {mode: DISABLE}}]
    workloadSelector: {matchLabels: {app: client}}
    tls: {mode: MUTUAL, credentialName: client}
    trafficPolicy: &policy
      connectionPool: {tcp: {maxConnections: 7}}
      outlierDetection: {consecutive5xxErrors: 3}
      loadBalancer: {simple: RANDOM}
  - name: closed
    externalName: host.example.com
    ports: [{name: http, port: 80, targetPort: 443}, {name: https, port: 443, tls: {mode: DISABLE}}]
    tls: {mode: SIMPLE}
    trafficPolicy: *policy
endpointServices:
  - name: static
    endpointsKind: EndpointSlice
    serverName: static.example.com
    addresses: [192.0.2.10]
    ports: [{name: http, port: 80, targetPort: 443}, {name: tls, port: 443, tls: {mode: DISABLE}}]
    tls: {mode: SIMPLE}
    trafficPolicy: *policy
`

// A port-level setting inherits nothing, so the traffic policy has to stand
// under each port of each rule.
func TestTrafficPolicyHoldsForEveryPort(t *testing.T) {
	m := mesh.New(t, mesh.Options{Objects: []string{rendered(t, policies).String()}})
	for name, workload := range map[string]mesh.Workload{
		"selected": {Labels: map[string]string{"app": "client"}},
		"other":    {},
		"abroad":   {Namespace: "other"},
	} {
		sidecar := m.Sidecar(workload)
		for _, host := range []string{"host.example.com", "static.default.svc.cluster.local", "closed.default.egress.internal"} {
			for _, port := range []int{80, 443} {
				c := sidecar.Cluster(host, port)
				require.NotNil(t, c, "%s: %s:%d", name, host, port)
				assert.EqualValues(t, 7, c.GetCircuitBreakers().GetThresholds()[0].GetMaxConnections().GetValue(), "%s: %s:%d", name, host, port)
				assert.EqualValues(t, 3, c.GetOutlierDetection().GetConsecutive_5Xx().GetValue(), "%s: %s:%d", name, host, port)
				assert.Equal(t, cluster.Cluster_RANDOM, c.GetLbPolicy(), "%s: %s:%d", name, host, port)
			}
		}
	}
}
