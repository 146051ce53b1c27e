//go:build e2e

package sidecar

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/istio-egress/istio-egress/test/internal/calls"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// local is a Service of the cluster, without sidecars, that an example leads
// back to.
const local = `
apiVersion: v1
kind: Service
metadata: {name: httpbin, namespace: tools}
spec: {clusterIP: 10.96.200.1, ports: [{name: http, port: 8000, targetPort: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: httpbin-1, namespace: tools, labels: {kubernetes.io/service-name: httpbin}}
addressType: IPv4
endpoints: [{addresses: [10.244.0.50]}]
ports: [{name: http, port: 80}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: httpbin, namespace: tools}
spec: {host: httpbin.tools.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
`

// Each example has its calls in testdata/<example>.calls, for a mesh that lets
// unknown traffic pass, and in <example>.registry-only.calls for one that does
// not. A mesh-wide rule for mutual TLS must not change any of them; but one for
// "*" has no other above it where a host is called by its own name and as the
// workload sends it: <example>.everything.calls show that.
func TestExamples(t *testing.T) {
	for _, example := range project.Examples(t) {
		if example.Name == "ambient" {
			continue // sidecars have no part in it: see TestPods
		}
		objects := renderedFile(t, example.Values)
		around := local
		if len(objects.Of("Gateway")) > 0 {
			around += "\n---\n" + mesh.GatewayObjects
		}
		for name, wide := range meshWide {
			for suffix, registryOnly := range map[string]bool{".calls": false, ".registry-only.calls": true} {
				t.Run(example.Name+"/"+name+suffix, func(t *testing.T) {
					m := mesh.New(t, mesh.Options{Objects: []string{objects.String(), around, wide}, RegistryOnly: registryOnly})
					calls.Check(t, callsOf(example.Name, name, suffix), m.Sidecar)
				})
			}
		}
	}
}

// callsOf is the file with the calls of an example, where such a rule is.
func callsOf(example, rule, suffix string) string {
	path := filepath.Join("testdata", example+".everything"+suffix)
	if _, err := os.Stat(path); err == nil && rule == everything {
		return path
	}
	return filepath.Join("testdata", example+suffix)
}

const everything = "mutual TLS for everything"

// meshWide are rules of a mesh that all of the chart's have to win against.
var meshWide = map[string]string{
	"no mesh-wide rule": "",
	everything: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: mesh-wide, namespace: istio-system}
spec: {host: "*", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
`,
	"mutual TLS for the cluster": `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: mesh-wide, namespace: istio-system}
spec: {host: "*.local", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}
`,
}
