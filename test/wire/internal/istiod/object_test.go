package istiod

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const entry = `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api}
spec: {hosts: [api.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{name: http, number: 80, protocol: HTTP}]}
`

func TestParseObjects(t *testing.T) {
	objects, err := Parse("# nothing\n---\n"+entry+`---
apiVersion: v1
kind: Service
metadata: {name: api, namespace: other}
spec: {type: ExternalName, externalName: api.example.com}
`, "team-a")
	require.NoError(t, err)
	require.Len(t, objects, 2)
	assert.Equal(t, "ServiceEntry team-a/api", objects[0].String())
	assert.NotNil(t, objects[0].Istio)
	assert.Equal(t, "Service other/api", objects[1].String())
	assert.NotNil(t, objects[1].Kubernetes)
}

func TestParseIsStrict(t *testing.T) {
	for wanted, manifest := range map[string]string{
		`unknown field "host"`: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api}
spec: {host: api.example.com}
`,
		"istiod refuses ServiceEntry default/api": `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: api}
spec: {location: MESH_EXTERNAL}
`,
		`unknown field "spec.portz"`: `
apiVersion: v1
kind: Service
metadata: {name: api}
spec: {portz: []}
`,
		"no kind \"Gadget\"": `
apiVersion: example.com/v1
kind: Gadget
metadata: {name: api}
`,
	} {
		_, err := Parse(manifest, "default")
		assert.ErrorContains(t, err, wanted)
	}
}
