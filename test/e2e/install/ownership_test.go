//go:build e2e

package install

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/cluster"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

const foreign = `
apiVersion: v1
kind: Service
metadata: {name: my-wikipedia, labels: {owner: somebody-else}}
spec: {ports: [{name: http, port: 8080}]}
`

func TestWhatSomebodyElseOwnsIsLeftAlone(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		r := newRelease(t, h, cluster.Admin)
		owned, err := mesh.Split(foreign)
		require.NoError(t, err)
		owned[0].SetNamespace(r.namespace)
		client, err := control.Client(cluster.Admin)
		require.NoError(t, err)
		require.NoError(t, client.Create(t.Context(), owned[0].Unstructured))
		before := r.live()

		assert.ErrorContains(t, r.install(first), "my-wikipedia")
		assert.Equal(t, before, r.live(), "objects after the refusal")
	})
}

func TestWhatAnotherReleaseOwnsIsLeftAlone(t *testing.T) {
	helmbin.Each(t, func(t *testing.T, h *helmbin.Helm) {
		r := newRelease(t, h, cluster.Admin)
		require.NoError(t, r.install(first))
		before := r.live()
		assert.Error(t, r.installAs("second", first))
		assert.Equal(t, before, r.live(), "objects after the refusal")
	})
}
