//go:build e2e

package facts

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// A sidecar listens on some ports itself, and no host can be called there unless it has a listener at its own address.
func TestReservedPorts(t *testing.T) {
	for _, port := range []int{15001, 15006, 15021, 15090} {
		target := fmt.Sprintf("outbound|%d||ext.org to ext.org:%d plaintext", port, port)
		t.Run(fmt.Sprint(port), func(t *testing.T) {
			http := onPort(t, "HTTP", port, "")
			assert.NotContains(t, http.Call(fmt.Sprintf("http://ext:%d", port)).String(), "outbound")
			assert.Empty(t, http.Rejected())
			assert.NotContains(t, onPort(t, "HTTP", port, ownAddress).Call(fmt.Sprintf("http://ext:%d", port)).String(), "outbound")

			assert.Equal(t, []string{fmt.Sprintf("0.0.0.0:%d", port)}, onPort(t, "HTTPS", port, "").Rejected())

			addressed := onPort(t, "HTTPS", port, ownAddress)
			assert.Equal(t, target, addressed.Call(fmt.Sprintf("https://203.0.113.77:%d", port)).String())
			assert.Empty(t, addressed.Rejected())
		})
	}
	unreserved := onPort(t, "HTTP", 15020, "")
	assert.Equal(t, "outbound|15020||ext.org to ext.org:15020 plaintext host ext:15020", unreserved.Call("http://ext:15020").String())
	assert.Empty(t, unreserved.Rejected())
}

const ownAddress = "  addresses: [203.0.113.77]\n"

// onPort returns a sidecar that knows ext.org on a port alone.
func onPort(t *testing.T, protocol string, port int, addresses string) *mesh.Sidecar {
	t.Helper()
	spec := fmt.Sprintf(`
  hosts: [ext.org]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{name: only, number: %d, protocol: %s}]
`, port, protocol)
	service := aliasService("ext", "ext.org", fmt.Sprintf("[{name: only, appProtocol: %s, port: %d}]", strings.ToLower(protocol), port))
	return mesh.New(t, mesh.Options{Objects: []string{service, serviceEntry("ext", spec+addresses)}}).Sidecar(mesh.Workload{})
}
