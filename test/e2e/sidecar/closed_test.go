//go:build e2e

package sidecar

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// originated are the entries of the matrix whose TLS the mesh originates, and
// one whose certificate is for selected workloads.
func originated(form form) []entry {
	all := slices.DeleteFunc(entries(form), func(e entry) bool { return e.mode == "DISABLE" || strings.HasPrefix(e.name, "second-") })
	return append(all, entry{
		name: "selected", protocol: protocols[0], mode: "MUTUAL", host: "selected.example.com", form: form,
		credential: "selected-client",
	})
}

// absence is something that keeps one of the objects of each entry from a caller.
type absence struct {
	name   string
	change func(t *testing.T, objects mesh.Objects) mesh.Objects
	// also are objects of the caller's namespace.
	also string
}

// absences take each kind of object away in turn, hide it, or put another rule before it.
func absences() []absence {
	var all []absence
	for _, kind := range []string{"Service", "ServiceEntry", "DestinationRule", "VirtualService"} {
		all = append(all,
			absence{name: "without " + kind, change: func(_ *testing.T, objects mesh.Objects) mesh.Objects {
				return objects.Filter(func(o mesh.Object) bool { return o.GetKind() != kind })
			}},
			absence{name: "hidden " + kind, change: func(t *testing.T, objects mesh.Objects) mesh.Objects { return hidden(t, objects, kind) }})
	}
	all = append(all, absence{name: "without rules of selectors", change: func(_ *testing.T, objects mesh.Objects) mesh.Objects {
		return objects.Filter(func(o mesh.Object) bool {
			_, selects, _ := unstructured.NestedMap(o.Object, "spec", "workloadSelector")
			return !selects
		})
	}})
	for _, mode := range []string{"DISABLE", "ISTIO_MUTUAL"} {
		for _, host := range []string{"*", "*.internal", "*.local", "*.default.svc.cluster.local", "*.example.com"} {
			all = append(all, absence{name: mode + " for " + host, also: fmt.Sprintf(`
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: wildcard, namespace: partner}
spec: {host: "%s", trafficPolicy: {tls: {mode: %s}}}
`, host, mode)})
		}
	}
	return all
}

// hidden limits the objects of a kind to their own namespace.
func hidden(t *testing.T, objects mesh.Objects, kind string) mesh.Objects {
	t.Helper()
	return objects.Changed(t, mesh.OfKind(kind), func(o *unstructured.Unstructured) {
		if kind == "Service" {
			o.SetAnnotations(map[string]string{"networking.istio.io/exportTo": "."})
			return
		}
		require.NoError(t, unstructured.SetNestedStringSlice(o.Object, []string{"."}, "spec", "exportTo"))
	})
}

// leaks calls every entry by its names, and returns what reaches a server without TLS, or without the server's name.
func leaks(entries []entry, sidecar *mesh.Sidecar) []string {
	var found []string
	for _, entry := range entries {
		for _, name := range []string{entry.name + ".default.svc.cluster.local", entry.name + ".default"} {
			url := fmt.Sprintf("%s://%s:%d", entry.protocol.scheme, name, entry.protocol.port)
			outcome := sidecar.Call(url)
			if entry.reached(outcome) && !slices.Equal(outcome.TLS.Names, []string{entry.server()}) {
				found = append(found, url+": "+outcome.String())
			}
		}
	}
	return found
}

// reached tells whether a call gets to the entry's server: by its name, by its address, or by what DNS gives for it.
func (e entry) reached(outcome mesh.Outcome) bool {
	return slices.ContainsFunc(outcome.Upstreams, func(upstream string) bool {
		return e.host != "" && strings.HasPrefix(upstream, e.host+":") || e.address != "" && strings.HasPrefix(upstream, e.address+":")
	})
}

// Nothing goes out in plaintext with any one object missing, hidden by
// exportTo, or overridden by a rule of the caller's namespace.
func TestClosedFormFailsClosed(t *testing.T) {
	entries := originated(form{"ClusterIP", "ServiceEntry"})
	objects := rendered(t, values(t, entries, nil, form{"ClusterIP", "ServiceEntry"}))
	for _, absence := range absences() {
		for _, registryOnly := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/registryOnly %v", absence.name, registryOnly), func(t *testing.T) {
				left := objects
				if absence.change != nil {
					left = absence.change(t, objects)
				}
				m := mesh.New(t, mesh.Options{Objects: []string{left.String(), absence.also}, RegistryOnly: registryOnly})
				for _, workload := range []mesh.Workload{{}, {Labels: map[string]string{"app": "client"}}, {Namespace: "partner"}} {
					assert.Empty(t, leaks(entries, m.Sidecar(workload)), "from %s", workload.Namespace)
				}
			})
		}
	}
}

// The same finds what the open form lets out.
func TestOpenFormFailsOpen(t *testing.T) {
	form := form{"ExternalName", "EndpointSlice"}
	entries := slices.DeleteFunc(originated(form), func(e entry) bool { return !e.protocol.http })
	objects := rendered(t, values(t, entries, nil, form))
	m := mesh.New(t, mesh.Options{Objects: []string{objects.Filter(func(o mesh.Object) bool { return o.GetKind() != "DestinationRule" }).String()}})
	assert.NotEmpty(t, leaks(entries, m.Sidecar(mesh.Workload{})))
}

// Calls that the values do not mention are what they were without the
// release: of any address and port, of the external hosts by their own names,
// and of others on port 443 where the values have HTTP there.
func TestAnExitCapturesNothing(t *testing.T) {
	form := form{"ClusterIP", "ServiceEntry"}
	entries := append(entries(form), entry{name: "http-443", protocol: protocol{name: "http", scheme: "http", port: 443, http: true}, mode: "SIMPLE", host: "http-443.example.com", form: form})
	objects := rendered(t, values(t, entries, nil, form))
	var urls []string
	for _, host := range []string{"elsewhere.example.org", "192.0.2.77", "240.0.0.2", entries[0].host, entries[3].host, entries[2].address} {
		for _, port := range []int{1, 80, 443, 3306, 5432, 8082, 8443, 9090, 65535} {
			for _, scheme := range []string{"http", "h2c", "https", "tls", "tcp"} {
				urls = append(urls, fmt.Sprintf("%s://%s:%d", scheme, host, port))
			}
		}
	}
	for _, registryOnly := range []bool{false, true} {
		with := mesh.New(t, mesh.Options{Objects: []string{objects.String()}, RegistryOnly: registryOnly})
		without := mesh.New(t, mesh.Options{RegistryOnly: registryOnly})
		for _, namespace := range []string{"default", "stranger"} {
			workload := mesh.Workload{Namespace: namespace}
			a, b := with.Sidecar(workload), without.Sidecar(workload)
			for _, url := range urls {
				assert.Equal(t, untold(b.Call(url)), untold(a.Call(url)), "%s from %s, registryOnly %v", url, namespace, registryOnly)
			}
		}
	}
}

// untold leaves out what a sidecar tells of unknown requests, and does not do: it knows their Host only where it reads HTTP.
func untold(outcome mesh.Outcome) string {
	if outcome.Cluster == mesh.Passthrough {
		outcome.Host = ""
	}
	if outcome.Status == 502 {
		return mesh.BlackHole
	}
	return outcome.String()
}
