//go:build e2e

package install

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
)

const first = `
externalNameServices:
  - name: my-httpbin
    externalName: httpbin.org
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
endpointServices:
  - name: my-wikipedia
    addresses: [91.198.174.192, "2620:0:862:ed1a::1"]
    ports: [{name: tls, port: 443}]
    tls: {mode: DISABLE}
`

// steps are upgrades of one release, each from the one before.
var steps = []struct{ name, values string }{
	{"add entries", first + `
  - name: my-erp
    serverName: erp.example.com
    addresses: [192.0.2.10]
    ports: [{name: http, port: 80, targetPort: 8443}]
    tls: {mode: SIMPLE}
`},
	{"change names and ports and addresses", `
externalNameServices:
  - name: my-httpbin
    externalName: eu.httpbin.org
    ports: [{name: http, port: 8080, targetPort: 443}, {name: https, port: 443, tls: {mode: DISABLE}}]
    tls: {mode: SIMPLE}
endpointServices:
  - name: my-wikipedia
    addresses: [198.35.26.96]
    ports: [{name: https, port: 8443, targetPort: 443}]
    tls: {mode: DISABLE}
`},
	{"remove an entry", `
externalNameServices:
  - name: my-httpbin
    externalName: httpbin.org
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
`},
	{"to plaintext", `
externalNameServices:
  - name: my-httpbin
    externalName: httpbin.org
    ports: [{name: http, port: 80}]
    tls: {mode: DISABLE}
`},
	{"to a client certificate", `
externalNameServices:
  - name: my-httpbin
    externalName: httpbin.org
    ports: [{name: http, port: 80, targetPort: 443}]
    workloadSelector: {matchLabels: {app: client}}
    tls: {mode: MUTUAL, credentialName: client}
`},
	{"from a host to addresses", `
endpointServices:
  - name: my-httpbin
    serverName: httpbin.org
    addresses: [192.0.2.10]
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
`},
	{"to endpoints for Argo CD", endpointsKind("ServiceEntry")},
	{"to legacy endpoints", endpointsKind("Endpoints")},
	{"back to slices", endpointsKind("EndpointSlice")},
	{"to another address family", `
endpointServices:
  - name: my-httpbin
    serverName: httpbin.org
    addresses: ["2001:db8::10"]
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
`},
	{"past the limit of a slice", `
endpointServices:
  - name: my-httpbin
    addresses: [` + addresses(2100) + `]
    ports: [{name: tls, port: 443}]
    tls: {mode: DISABLE}
`},
	{"and back", `
endpointServices:
  - name: my-httpbin
    addresses: [` + addresses(999) + `]
    ports: [{name: tls, port: 443}]
    tls: {mode: DISABLE}
`},
	{"from addresses to a host", first},
	{"open by choice", form("ExternalName", "EndpointSlice")},
	{"closed by choice", form("ClusterIP", "ServiceEntry")},
	{"open again", form("ExternalName", "EndpointSlice")},
	{"legacy endpoints", form("ExternalName", "Endpoints")},
	{"by the ports", form("", "")},
	{"a database by its name", `
externalNameServices:
  - name: my-httpbin
    externalName: orders.db.example.com
    ports: [{name: tcp-sql, port: 5432}]
    tls: {mode: DISABLE}
`},
	{"back to a web server", first},
	{"nothing left", `externalNameServices: []`},
}

// form has the same entries in one of the forms.
func form(serviceType, endpointsKind string) string {
	return fmt.Sprintf(`
serviceType: %s
endpointsKind: %s
externalNameServices:
  - name: my-httpbin
    externalName: httpbin.org
    ports: [{name: http, port: 80, targetPort: 443}, {name: https, port: 443, tls: {mode: DISABLE}}]
    tls: {mode: SIMPLE}
endpointServices:
  - name: my-wikipedia
    serverName: en.wikipedia.org
    addresses: [91.198.174.192, "2620:0:862:ed1a::1"]
    ports: [{name: http, port: 80, targetPort: 443}, {name: tls, port: 443, tls: {mode: DISABLE}}]
    tls: {mode: SIMPLE}
`, orNull(serviceType), orNull(endpointsKind))
}

func orNull(value string) string {
	if value == "" {
		return "null"
	}
	return value
}

func endpointsKind(kind string) string {
	return `
endpointsKind: ` + kind + `
endpointServices:
  - name: my-httpbin
    serverName: httpbin.org
    addresses: [192.0.2.10, 192.0.2.11]
    ports: [{name: http, port: 80, targetPort: 443}, {name: tls, port: 443, tls: {mode: DISABLE}}]
    tls: {mode: SIMPLE}
`
}

func addresses(count int) string {
	all := make([]string, count)
	for i := range all {
		all[i] = fmt.Sprintf("198.18.%d.%d", i/250, 1+i%250)
	}
	return strings.Join(all, ", ")
}

func TestLifecycle(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		r := newRelease(t, h, cluster.Admin)
		require.NoError(t, r.install(first))
		r.expect(first)
		for _, step := range steps {
			if !t.Run(step.name, func(t *testing.T) {
				r := &release{t: t, helm: h, user: r.user, namespace: r.namespace}
				require.NoError(t, r.upgrade(step.values))
				r.expect(step.values)
			}) {
				t.FailNow()
			}
		}
		require.NoError(t, r.rollback(1))
		r.expect(first)
		require.NoError(t, r.uninstall())
		assert.Empty(t, r.live())
		assert.Empty(t, r.records(), "helm's own records")
	})
}

// records are helm's Secrets in the namespace.
func (r *release) records() []string {
	r.t.Helper()
	client, err := control.Client(cluster.Admin)
	require.NoError(r.t, err)
	secrets, err := client.List(r.t.Context(), "v1", "Secret", r.namespace)
	require.NoError(r.t, err)
	var names []string
	for _, secret := range secrets {
		names = append(names, secret.GetName())
	}
	return names
}

func TestSecondInstallOfTheSameValuesChangesNothing(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		r := newRelease(t, h, cluster.Admin)
		require.NoError(t, r.install(first))
		before := r.live()
		require.NoError(t, r.upgrade(first))
		for key, object := range r.live() {
			assert.Equal(t, before[key].GetResourceVersion(), object.GetResourceVersion(), key)
		}
	})
}
