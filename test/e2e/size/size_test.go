//go:build e2e

// Package size measures what many entries cost every sidecar: clusters and bytes
// of the configuration that istiod makes for it, with and without exportTo.
//
//	go test -tags e2e -v ./test/e2e/size -entries 10000
package size

import (
	"flag"
	"testing"

	"github.com/stretchr/testify/assert"
	"google.golang.org/protobuf/proto"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

var entries = flag.Int("entries", 1000, "number of entries in twenty namespaces")

// config is the size of a sidecar's configuration; the bytes of clusters, listeners and routes alone.
type config struct{ clusters, listeners, routes, bytes int }

// A sidecar that sees the entries of its own namespace alone gets a small part
// of what it would get otherwise: the entries are in twenty namespaces.
func TestExportToKeepsSidecarsSmall(t *testing.T) {
	empty := sidecarOf(t, map[string]any{})
	everything := sidecarOf(t, exportedTo(nil))
	own := sidecarOf(t, exportedTo([]any{"."}))
	t.Logf("%d entries, visible everywhere: %d clusters, %d bytes", *entries, everything.clusters, everything.bytes)
	t.Logf("%d entries, visible in their namespaces: %d clusters, %d bytes", *entries, own.clusters, own.bytes)
	t.Logf("no entries: %d clusters, %d bytes", empty.clusters, empty.bytes)

	assert.Greater(t, everything.clusters-empty.clusters, *entries, "every entry has a cluster")
	assert.Less(t, own.clusters-empty.clusters, (everything.clusters-empty.clusters)/10)
	assert.Less(t, own.bytes-empty.bytes, (everything.bytes-empty.bytes)/10)
	assert.Greater(t, own.clusters, empty.clusters)
}

// exportedTo returns values of which all entries are visible where exportTo says.
func exportedTo(exportTo []any) map[string]any {
	values := valuesgen.Sample(*entries)
	for _, collection := range []string{"externalNameServices", "endpointServices"} {
		for _, entry := range values[collection].([]any) {
			delete(entry.(map[string]any), "exportTo")
		}
	}
	if exportTo != nil {
		values["exportTo"] = exportTo
	}
	return values
}

// sidecarOf returns the size of the configuration of a workload in one of the
// entries' namespaces.
func sidecarOf(t *testing.T, values map[string]any) config {
	t.Helper()
	m := mesh.New(t, mesh.Options{Objects: []string{mesh.Rendered(t, values).String()}})
	return sizeOf(m.Sidecar(mesh.Workload{Namespace: "team-1"}))
}

func sizeOf(sidecar *mesh.Sidecar) config {
	size := config{clusters: len(sidecar.Clusters), listeners: len(sidecar.Listeners)}
	for _, c := range sidecar.Clusters {
		size.bytes += proto.Size(c)
	}
	for _, l := range sidecar.Listeners {
		size.bytes += proto.Size(l)
	}
	for _, r := range sidecar.Routes {
		size.routes += len(r.GetVirtualHosts())
		size.bytes += proto.Size(r)
	}
	return size
}
