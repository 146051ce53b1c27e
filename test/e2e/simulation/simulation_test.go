//go:build e2e

// Package simulation holds what explain says of calls against istiod's own simulation of Envoy (pilot/pkg/simulation), over
// all pairs of caller and name. The simulation reads what istiod's own test server generates, so that how explain loads
// objects is held against it too.
package simulation

import (
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// Whatever the values, whoever calls whatever name in whatever protocol.
func TestGeneratedValues(t *testing.T) {
	compared := counts{}
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(3))
		ip := []string{"10.244.0.9", "2001:db8:244::9"}[random.IntN(2)]
		objects := mesh.Rendered(t, values, mesh.GatewayObjects)
		if isIPv6(ip) {
			objects = inIPv6(t, objects)
		}
		compared.compare(t, objects, ip, random.IntN(4) == 0)
	})
	compared.check(t)
}

func TestExamples(t *testing.T) {
	compared := counts{}
	for _, example := range project.Examples(t) {
		values, err := render.ReadValues(render.ValuesOptions{Files: []string{example.Values}})
		require.NoError(t, err)
		for _, registryOnly := range []bool{false, true} {
			compared.compare(t, mesh.Rendered(t, values, mesh.GatewayObjects), "10.244.0.9", registryOnly)
		}
		if t.Failed() {
			t.Fatal(example.Name)
		}
	}
	compared.check(t)
}

var clusterIP = regexp.MustCompile(`\b10\.96\.(\d+)\.(\d+)\b`)

// inIPv6 has the Services' addresses in the family of an IPv6 cluster.
func inIPv6(t *testing.T, objects mesh.Objects) mesh.Objects {
	t.Helper()
	objects, err := mesh.Split(clusterIP.ReplaceAllString(objects.String(), "2001:db8:96::$1:$2"))
	require.NoError(t, err)
	return objects
}

// counts are numbers of compared calls, by verdict.
type counts map[explain.Verdict]int

// check fails when a comparison saw too little to tell anything.
func (c counts) check(t *testing.T) {
	t.Helper()
	t.Logf("calls by verdict: %v", c)
	for _, verdict := range []explain.Verdict{
		explain.SentTLS, explain.SentMutual, explain.SentAsIs, explain.SentPlaintext, explain.Passthrough, explain.Blocked, explain.NoUpstream,
	} {
		assert.NotZero(t, c[verdict], verdict)
	}
}

// compare makes all calls of all callers, whose pods have the address.
func (c counts) compare(t *testing.T, objects mesh.Objects, ip string, registryOnly bool) {
	t.Helper()
	mirrored, err := objects.MirrorEndpoints()
	require.NoError(t, err)
	simulated := mesh.New(t, mesh.Options{Objects: []string{mirrored.String()}, RegistryOnly: registryOnly})
	read, err := explain.ReadManifests([]string{"-"}, strings.NewReader(objects.String()), "default")
	require.NoError(t, err)
	explained, err := explain.Load(read.Objects, explain.Options{RegistryOnly: registryOnly})
	require.NoError(t, err)
	defer explained.Close()
	calls, gateway := callsOf(objects), simulated.Gateway()
	for _, caller := range callersOf(objects) {
		caller.IPs = []string{ip}
		sidecar := simulated.Sidecar(mesh.Workload{Namespace: caller.Namespace, Labels: caller.Labels, IP: ip})
		for _, call := range calls {
			call.From = caller
			trace, err := explained.Explain(call)
			require.NoError(t, err)
			address := dialled(trace)
			if address != "" && isIPv6(address) != isIPv6(ip) {
				continue // the simulation has one family, and a pod does not dial the other
			}
			c[trace.Verdict]++
			if trace.Through != "" {
				if !compareBothHops(t, trace, gateway.Call(sidecar, simulatedURL(call.URL))) {
					return
				}
				continue
			}
			want := asSimulated(sidecar.CallAt(address, simulatedURL(call.URL)))
			if got := asExplained(trace); !assert.Equal(t, want, got, "%s by %s", call.URL, caller) {
				return
			}
		}
	}
}

// compareBothHops compares a call that an egress gateway takes over: whom it lets in, and what leaves.
func compareBothHops(t *testing.T, trace *explain.Trace, simulated mesh.Passage) bool {
	t.Helper()
	if !assert.NotNil(t, simulated.Second, "%s gets to the gateway", trace) {
		return false
	}
	if trace.Verdict != explain.Failed { // before anybody looks at the caller
		caller := mesh.Caller{Namespace: trace.Call.From.Namespace, ServiceAccount: "default"}
		allowed := simulated.Allowed(t, caller)
		if !assert.Equal(t, allowed, trace.Verdict != explain.Denied, "%s: %v", trace, caller) || !allowed {
			return !t.Failed()
		}
	}
	return assert.Equal(t, asSimulated(simulated.Last()), asExplained(trace), "%s", trace)
}

func isIPv6(address string) bool { return strings.Contains(address, ":") }

// callersOf are a workload without labels in each namespace, and those that rules select.
func callersOf(objects mesh.Objects) []explain.Workload {
	callers := []explain.Workload{{Namespace: "elsewhere"}}
	known := []string{"elsewhere"}
	add := func(w explain.Workload) {
		if !slices.Contains(known, w.String()) {
			known, callers = append(known, w.String()), append(callers, w)
		}
	}
	for _, object := range objects {
		add(explain.Workload{Namespace: object.GetNamespace()})
		if labels := selectorOf(object); labels != nil {
			add(explain.Workload{Namespace: object.GetNamespace(), Labels: labels})
			add(explain.Workload{Namespace: "elsewhere", Labels: labels})
		}
	}
	return callers
}
