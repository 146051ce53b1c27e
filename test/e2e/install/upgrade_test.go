//go:build e2e

package install

import (
	"testing"

	"github.com/gruntwork-io/terratest/modules/helm"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// of01 are values of 0.1: of each kind what becomes closed, and what stays open.
const of01 = `
externalNameServices:
  - name: my-httpbin
    externalName: httpbin.org
    ports: [{name: http, port: 80, targetPort: 443}, {name: https, port: 443, tls: {mode: DISABLE}}]
    tls: {mode: SIMPLE}
  - name: my-httpbin-too
    externalName: httpbin.org
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
  - name: passed-on
    externalName: search.example.com
    ports: [{name: https, port: 443}]
    tls: {mode: DISABLE}
  - name: orders-db
    externalName: orders.example.com
    addresses: [192.0.2.20]
    ports: [{name: redis, port: 6379}]
    tls: {mode: SIMPLE}
  - name: ledger
    externalName: ledger.example.com
    ports: [{name: http, port: 80, targetPort: 443}]
    workloadSelector: {matchLabels: {app: billing}}
    exportTo: ["."]
    tls: {mode: MUTUAL, credentialName: ledger-client}
endpointServices:
  - name: my-wikipedia
    addresses: [91.198.174.192]
    ports: [{name: tls, port: 443}]
    tls: {mode: DISABLE}
  - name: my-erp
    serverName: erp.example.com
    addresses: [192.0.2.10]
    ports: [{name: http, port: 80, targetPort: 8443}]
    tls: {mode: SIMPLE}
`

// The same values, by the chart of 0.1 and by this one, there and back.
func TestUpgradeFrom01(t *testing.T) {
	released := project.Released("0.1.0")
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		r := newRelease(t, h, cluster.Admin)
		require.NoError(t, helm.InstallContextE(t, t.Context(), r.options(of01), released, releaseName))
		r.expectObjects(r.renderedBy(released, of01))
		require.NoError(t, r.upgrade(of01))
		r.expect(of01)
		require.NoError(t, r.rollback(1))
		r.expectObjects(r.renderedBy(released, of01))
		require.NoError(t, r.upgrade(of01))
		require.NoError(t, r.upgradeTo(released, of01))
		r.expectObjects(r.renderedBy(released, of01))
		require.NoError(t, r.uninstall())
	})
}

// The same by server-side apply and pruning, as Argo CD does it, of objects
// that another manager may have made.
func TestServerSideApplyFrom01(t *testing.T) {
	for _, maker := range []string{"argocd-controller", "kubectl-client-side-apply"} {
		t.Run(maker, func(t *testing.T) {
			r := newRelease(t, helmbin.Helm3, cluster.Admin)
			old, current := r.renderedBy(project.Released("0.1.0"), of01), r.rendered(of01)
			r.apply(nil, old, maker)
			r.expectObjects(old)
			r.apply(old, current, "argocd-controller")
			r.expectObjects(current)
			r.apply(current, old, "argocd-controller")
			r.expectObjects(old)
		})
	}
}

// apply applies all objects, and deletes those that there were and are no more.
func (r *release) apply(before, objects mesh.Objects, manager string) {
	r.t.Helper()
	client, err := control.Client(cluster.Admin)
	require.NoError(r.t, err)
	kept := map[string]bool{}
	for _, object := range objects {
		kept[object.String()] = true
		_, err := client.Apply(r.t.Context(), object.Unstructured, manager)
		require.NoError(r.t, err, object)
	}
	for _, object := range before {
		if !kept[object.String()] {
			require.NoError(r.t, client.Delete(r.t.Context(), object.Unstructured), object)
		}
	}
}
