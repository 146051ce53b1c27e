package istiod

import (
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"istio.io/istio/pilot/pkg/xds/filters"
)

func packed(t *testing.T, message proto.Message) *anypb.Any {
	t.Helper()
	content, err := anypb.New(message)
	require.NoError(t, err)
	return content
}

// httpFilters are the names of the filters that are left of those.
func httpFilters(t *testing.T, before ...*hcm.HttpFilter) []string {
	t.Helper()
	manager := &hcm.HttpConnectionManager{HttpFilters: before}
	chain := &listener.FilterChain{Filters: []*listener.Filter{
		{Name: metadataFilter},
		{Name: "envoy.http_connection_manager", ConfigType: &listener.Filter_TypedConfig{TypedConfig: packed(t, manager)}},
	}}
	changed, err := standIn(&discovery.DiscoveryResponse{
		TypeUrl:   "type.googleapis.com/envoy.config.listener.v3.Listener",
		Nonce:     "7",
		Resources: []*anypb.Any{packed(t, &listener.Listener{FilterChains: []*listener.FilterChain{chain}})},
	})
	require.NoError(t, err)
	assert.Equal(t, "7", changed.GetNonce())
	after := &listener.Listener{}
	require.NoError(t, changed.GetResources()[0].UnmarshalTo(after))
	require.Len(t, after.GetFilterChains()[0].GetFilters(), 1, "the network filter is taken out")
	left := &hcm.HttpConnectionManager{}
	require.NoError(t, after.GetFilterChains()[0].GetFilters()[0].GetTypedConfig().UnmarshalTo(left))
	var names []string
	for _, filter := range left.GetHttpFilters() {
		names = append(names, filter.GetName())
	}
	return names
}

func TestStandInForListeners(t *testing.T) {
	assert.Equal(t, []string{"wire.metadata_exchange", filters.Fault.GetName()},
		httpFilters(t, filters.SidecarOutboundMetadataFilter, filters.Alpn, filters.Fault))
	assert.Equal(t, []string{filters.Fault.GetName()},
		httpFilters(t, filters.SidecarOutboundMetadataFilterSkipHeaders, filters.Fault), "no headers where external clusters are spared")
}

func TestStandInForClusters(t *testing.T) {
	before := packed(t, &cluster.Cluster{Name: "a", Filters: []*cluster.Filter{{Name: metadataFilter}, {Name: "kept"}}})
	changed, err := standIn(&discovery.DiscoveryResponse{
		TypeUrl: "type.googleapis.com/envoy.config.cluster.v3.Cluster", Resources: []*anypb.Any{before},
	})
	require.NoError(t, err)
	after := &cluster.Cluster{}
	require.NoError(t, changed.GetResources()[0].UnmarshalTo(after))
	require.Len(t, after.GetFilters(), 1)
	assert.Equal(t, "kept", after.GetFilters()[0].GetName())
}

func TestStandInForNothingElse(t *testing.T) {
	routes := &discovery.DiscoveryResponse{TypeUrl: "type.googleapis.com/envoy.config.route.v3.RouteConfiguration"}
	changed, err := standIn(routes)
	require.NoError(t, err)
	assert.Same(t, routes, changed)
}
