//go:build e2e

package simulation

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// What explain says of ambient pods, against what istiod's own test server tells ztunnel and the waypoint, followed in another way.
// Some releases create their waypoint; of the others' there is none.
func TestAmbientPods(t *testing.T) {
	compared := counts{}
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(4))
		valuesgen.OnPlane(random, values, []string{"ambient", "both"}[random.IntN(2)])
		compared.compareAmbient(t, mesh.Rendered(t, values))
	})
	t.Logf("calls by verdict: %v", compared)
	for _, verdict := range []explain.Verdict{explain.SentTLS, explain.NoUpstream, explain.Denied} {
		assert.NotZero(t, compared[verdict], verdict)
	}
}

func (c counts) compareAmbient(t *testing.T, objects mesh.Objects) {
	t.Helper()
	simulated := mesh.New(t, mesh.Options{Objects: []string{objects.String()}, Ambient: true})
	read, err := explain.ReadManifests([]string{"-"}, strings.NewReader(objects.String()), "default")
	require.NoError(t, err)
	explained, err := explain.Load(read.Objects, explain.Options{})
	require.NoError(t, err)
	defer explained.Close()
	for _, caller := range callersOf(objects) {
		caller.DataPlane, caller.Labels = egress.DataPlaneAmbient, nil
		pod := simulated.Pod(caller.Namespace, "default")
		for _, call := range aliasCalls(objects) {
			call.From = caller
			trace, err := explained.Explain(call)
			require.NoError(t, err)
			c[trace.Verdict]++
			outcome := pod.Call(simulatedURL(call.URL))
			if !assert.Equal(t, ofPod(outcome), ofTrace(trace), "%s by %s: %s", call.URL, caller, outcome) {
				return
			}
		}
	}
}

// aliasCalls are calls of the Services that are bound to a waypoint, by their full names, in every protocol.
func aliasCalls(objects mesh.Objects) []explain.Call {
	var calls []explain.Call
	for _, service := range objects.Of("Service") {
		if service.GetLabels()["istio.io/use-waypoint"] == "" {
			continue
		}
		for _, port := range numbers(service, "port") {
			calls = append(calls, callsTo(service.GetName()+"."+service.GetNamespace()+".svc.cluster.local", port)...)
		}
	}
	return calls
}

// ofPod is what a server would see of a call; the zero value where nothing leaves.
func ofPod(o mesh.Outcome) way {
	toService := func(upstream string) bool { return strings.HasPrefix(upstream, "the cluster IP of ") }
	if o.Error != nil || o.Status != 0 || slices.ContainsFunc(o.Upstreams, toService) {
		return way{}
	}
	return way{Upstreams: slices.Compact(slices.Clone(o.Upstreams)), TLS: o.TLS, Host: o.Host}.settled()
}

func ofTrace(trace *explain.Trace) way {
	if len(trace.Upstream) == 0 || trace.Verdict == explain.Failed {
		return way{}
	}
	return way{Upstreams: trace.Upstream, TLS: explainedTLS(trace), Host: trace.Host}.settled()
}
