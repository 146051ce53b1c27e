//go:build e2e

package sidecar

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// Values as they come, the waypoint taken away: no name that people call, alias or external host, has an endpoint of
// ztunnel's own where the mesh was to originate TLS. The same where the values are for sidecars alone, which must do no harm
// to the ambient pods of their mesh: of the names that ztunnel answers, none leads to a TLS port.
func TestGeneratedValuesLeaveNothingToZtunnel(t *testing.T) {
	chart, err := render.Load()
	require.NoError(t, err)
	looked := 0
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 6)
		plane := []string{"ambient", "both", "sidecar"}[random.IntN(3)]
		if plane == "sidecar" {
			valuesgen.OnPlane(random, values, "both") // in the default forms
			delete(values, "dataPlane")
			delete(values, "waypoint")
		} else {
			valuesgen.OnPlane(random, values, plane)
		}
		declared, _, err := chart.Declare(values, render.Options{})
		require.NoError(t, err)
		left := mesh.Rendered(t, values).Filter(func(o mesh.Object) bool { return o.GetKind() != "Gateway" })
		pod := mesh.New(t, mesh.Options{Objects: []string{left.String()}, Ambient: true}).Pod("default", "client")
		for _, way := range declared.Ways() {
			if way.TLS() != nil {
				looked++
				checkWithoutWaypoint(t, pod, way, plane)
			}
		}
	})
	assert.Greater(t, looked, 50, "ways of TLS looked at")
}

func checkWithoutWaypoint(t *testing.T, pod *mesh.Pod, way egress.Way, plane string) {
	t.Helper()
	for _, host := range []string{way.Port.Service.Host, way.To.Destination.Server} {
		service := pod.Service(host)
		if service == nil || len(service.GetAddresses()) == 0 {
			continue
		}
		assert.Empty(t, pod.Endpoints(service, way.Port.Number), "%s:%d of %s, for %s", host, way.Port.Number, way.Name(), plane)
	}
	outcome := pod.Call(fmt.Sprintf("%s://%s:%d", schemeOf(way.To.Protocol), way.Port.Service.Host, way.Port.Number))
	assert.False(t, slices.ContainsFunc(outcome.Upstreams, leadsOut), "%s, for %s: %s", way.Name(), plane, outcome)
}

func schemeOf(protocol egress.Protocol) string {
	if protocol.IsHTTP() {
		return "http"
	}
	return "tcp"
}

// leadsOut tells a server from an address of the cluster.
func leadsOut(upstream string) bool { return !strings.HasPrefix(upstream, "the cluster IP of ") }
