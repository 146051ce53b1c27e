package cluster

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/wire/internal/dnsserver"
	"github.com/istio-egress/istio-egress/test/wire/internal/istiod"
)

const manifests = `
apiVersion: v1
kind: Service
metadata: {name: alias}
spec: {type: ExternalName, externalName: api.example.com}
---
apiVersion: v1
kind: Service
metadata: {name: erp}
spec: {ports: [{name: http, port: 80}, {name: tcp, port: 5432}]}
---
apiVersion: v1
kind: Endpoints
metadata: {name: erp}
subsets: [{addresses: [{ip: 192.0.2.10}, {ip: "2001:db8::10"}], ports: [{name: http, port: 8443}]}]
---
apiVersion: v1
kind: Service
metadata: {name: empty}
spec: {ports: [{name: http, port: 80}]}
`

func stored(t *testing.T, families Families) *Cluster {
	t.Helper()
	objects, err := istiod.Parse(manifests, "default")
	require.NoError(t, err)
	c := New(families)
	for _, object := range objects {
		_, err := c.Store(object)
		require.NoError(t, err)
	}
	return c
}

func addressesOf(t *testing.T, c *Cluster, name string) []netip.Addr {
	t.Helper()
	records, found := c.Records(name)
	require.True(t, found, name)
	return records.Addresses
}

func TestNames(t *testing.T) {
	c := stored(t, Dual)
	alias, found := c.Records("alias.default.svc.cluster.local")
	require.True(t, found)
	assert.Equal(t, "api.example.com", alias.Alias)
	assert.Len(t, addressesOf(t, c, "erp.default.svc.cluster.local"), 2)
	assert.Len(t, addressesOf(t, stored(t, IPv6), "erp.default.svc.cluster.local"), 1)
	for _, name := range []string{"erp", "erp.default", "erp.other.svc.cluster.local", "api.example.com"} {
		_, found := c.Records(name)
		assert.False(t, found, name)
	}
	c.SetRecords("api.example.com", &dnsserver.Records{Addresses: []netip.Addr{netip.MustParseAddr("192.0.2.1")}})
	assert.Len(t, addressesOf(t, c, "api.example.com"), 1)
	c.SetRecords("api.example.com", nil)
	_, found = c.Records("api.example.com")
	assert.False(t, found)
}

func TestClusterIPsLeadToEndpoints(t *testing.T) {
	c := stored(t, Dual)
	ips := addressesOf(t, c, "erp.default.svc.cluster.local")
	for i, wanted := range []string{"192.0.2.10:8443", "[2001:db8::10]:8443"} {
		endpoint, found := c.Resolve(netip.AddrPortFrom(ips[i], 80))
		assert.True(t, found)
		assert.Equal(t, wanted, endpoint.String())
	}
	_, found := c.Resolve(netip.AddrPortFrom(ips[0], 5432))
	assert.False(t, found, "a port without endpoints")
	_, found = c.Resolve(netip.AddrPortFrom(addressesOf(t, c, "empty.default.svc.cluster.local")[0], 80))
	assert.False(t, found, "a Service without endpoints")
	assert.Len(t, c.Serving(), 4, "two addresses and two ports, of one Service")
}

func TestSelectedPodsAreEndpoints(t *testing.T) {
	c := New(Dual)
	addresses := []netip.Addr{netip.MustParseAddr("10.244.0.9"), netip.MustParseAddr("fd00:10:244::9")}
	require.NoError(t, c.AddPod("gateway", "default", "egress", map[string]string{"istio": "egressgateway", "x": "y"}, addresses))
	require.NoError(t, c.AddPod("other", "default", "default", nil, addresses[:1]))
	store := func(manifest string) []istiod.Object {
		objects, err := istiod.Parse(manifest, "default")
		require.NoError(t, err)
		stored, err := c.Store(objects[0])
		require.NoError(t, err)
		return stored
	}
	const gateway = `
apiVersion: v1
kind: Service
metadata: {name: gateway}
spec: {selector: {istio: egressgateway}, ports: [{name: https, port: 443, targetPort: 8443}]}
`
	assert.Len(t, store(gateway), 3, "the Service, and a slice of each family")
	ips := addressesOf(t, c, "gateway.default.svc.cluster.local")
	for i, wanted := range []string{"10.244.0.9:8443", "[fd00:10:244::9]:8443"} {
		endpoint, found := c.Resolve(netip.AddrPortFrom(ips[i], 443))
		assert.True(t, found)
		assert.Equal(t, wanted, endpoint.String())
	}
	assert.Len(t, store(strings.ReplaceAll(gateway, "egressgateway", "nobody")), 1)
	objects, err := istiod.Parse(strings.ReplaceAll(gateway, "8443", "web"), "default")
	require.NoError(t, err)
	_, err = c.Store(objects[0])
	assert.ErrorContains(t, err, "write the number of the target port")
}

func TestReplacedServicesKeepTheirAddress(t *testing.T) {
	c := stored(t, IPv4)
	before := addressesOf(t, c, "erp.default.svc.cluster.local")
	object, err := c.Remove("Service default/erp")
	require.NoError(t, err)
	_, found := c.Records("erp.default.svc.cluster.local")
	assert.False(t, found)
	_, err = c.Remove("Service default/erp")
	assert.ErrorContains(t, err, "there is no Service default/erp; there are Service default/alias")
	_, err = c.Store(object)
	require.NoError(t, err)
	assert.Equal(t, before, addressesOf(t, c, "erp.default.svc.cluster.local"))
}
