package istiod

import (
	"fmt"
	"slices"
	"strings"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	mutation "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	headers "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/header_mutation/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// What only Istio's build of Envoy has, by the names that istiod gives it.
const (
	alpnFilter     = "istio.alpn"
	metadataFilter = "istio.metadata_exchange"
	statsFilter    = "istio.stats"
	// peerMetadataSuffix ends the names of the filters by which waypoints tell their callers apart in metrics.
	peerMetadataSuffix = "_peer_metadata"
)

// The headers that Istio's build of Envoy adds to every request.
var metadataHeaders = map[string]string{
	"x-envoy-peer-metadata":    "c3RhbmQtaW4=", // what it holds is read from Istio's code, and is not looked at here
	"x-envoy-peer-metadata-id": "sidecar~stand-in",
}

// standIn returns the response without what an unpatched Envoy does not have.
func standIn(response *discovery.DiscoveryResponse) (*discovery.DiscoveryResponse, error) {
	change := map[string]func(*anypb.Any) (*anypb.Any, error){
		"type.googleapis.com/envoy.config.cluster.v3.Cluster":   changed(standInCluster),
		"type.googleapis.com/envoy.config.listener.v3.Listener": changed(standInListener),
	}[response.GetTypeUrl()]
	if change == nil {
		return response, nil
	}
	// The resources belong to istiod's cache.
	twin := &discovery.DiscoveryResponse{
		VersionInfo: response.GetVersionInfo(), TypeUrl: response.GetTypeUrl(), Nonce: response.GetNonce(),
		ControlPlane: response.GetControlPlane(),
	}
	for _, resource := range response.GetResources() {
		replacement, err := change(resource)
		if err != nil {
			return nil, fmt.Errorf("stand in for Istio's Envoy: %w", err)
		}
		twin.Resources = append(twin.Resources, replacement)
	}
	return twin, nil
}

// changed makes a function over packed messages of one over messages, which changes its argument.
func changed[M proto.Message](change func(M) error) func(*anypb.Any) (*anypb.Any, error) {
	return func(packed *anypb.Any) (*anypb.Any, error) {
		message, err := packed.UnmarshalNew()
		if err != nil {
			return nil, err
		}
		if err := change(message.(M)); err != nil {
			return nil, err
		}
		return anypb.New(message)
	}
}

func standInCluster(c *cluster.Cluster) error {
	c.Filters = slices.DeleteFunc(c.GetFilters(), func(f *cluster.Filter) bool { return istioOnly(f.GetName()) })
	return nil
}

func standInListener(l *listener.Listener) error {
	chains := append(slices.Clone(l.GetFilterChains()), l.GetDefaultFilterChain())
	for _, chain := range chains {
		if chain == nil {
			continue
		}
		chain.Filters = slices.DeleteFunc(chain.GetFilters(), func(f *listener.Filter) bool { return istioOnly(f.GetName()) })
		for _, filter := range chain.GetFilters() {
			if err := standInFilter(filter); err != nil {
				return err
			}
			if !filter.GetTypedConfig().MessageIs(&hcm.HttpConnectionManager{}) {
				continue
			}
			replacement, err := changed(standInManager)(filter.GetTypedConfig())
			if err != nil {
				return err
			}
			filter.ConfigType = &listener.Filter_TypedConfig{TypedConfig: replacement}
		}
	}
	return nil
}

func standInFilter(filter *listener.Filter) error {
	if filter.GetTypedConfig() == nil {
		return nil
	}
	replacement, err := standInState(filter.GetTypedConfig())
	filter.ConfigType = &listener.Filter_TypedConfig{TypedConfig: replacement}
	return err
}

func standInManager(manager *hcm.HttpConnectionManager) error {
	filters := manager.GetHttpFilters()
	manager.HttpFilters = nil
	for _, filter := range filters {
		switch {
		case filter.GetName() == metadataFilter && propagates(filter):
			replacement, err := headerFilter()
			if err != nil {
				return err
			}
			manager.HttpFilters = append(manager.HttpFilters, replacement)
		case istioOnly(filter.GetName()):
		default:
			if filter.GetTypedConfig() != nil {
				replacement, err := standInState(filter.GetTypedConfig())
				if err != nil {
					return err
				}
				filter.ConfigType = &hcm.HttpFilter_TypedConfig{TypedConfig: replacement}
			}
			manager.HttpFilters = append(manager.HttpFilters, filter)
		}
	}
	return nil
}

// propagates tells whether the filter adds its headers to requests to servers outside the mesh.
func propagates(filter *hcm.HttpFilter) bool {
	settings := filter.GetTypedConfig().String()
	return strings.Contains(settings, "upstream_propagation") && !strings.Contains(settings, "skip_external_clusters")
}

func istioOnly(name string) bool {
	return name == alpnFilter || name == metadataFilter || name == statsFilter || strings.HasSuffix(name, peerMetadataSuffix)
}

func headerFilter() (*hcm.HttpFilter, error) {
	settings := &headers.HeaderMutation{Mutations: &headers.Mutations{}}
	for name, value := range metadataHeaders {
		settings.Mutations.RequestMutations = append(settings.Mutations.RequestMutations, &mutation.HeaderMutation{
			Action: &mutation.HeaderMutation_Append{Append: &core.HeaderValueOption{
				Header: &core.HeaderValue{Key: name, Value: value}, AppendAction: core.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
			}},
		})
	}
	packed, err := anypb.New(settings)
	if err != nil {
		return nil, err
	}
	return &hcm.HttpFilter{Name: "wire.metadata_exchange", ConfigType: &hcm.HttpFilter_TypedConfig{TypedConfig: packed}}, nil
}
