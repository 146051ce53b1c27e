//go:build e2e

// Package xds asks a running istiod for the configuration of a sidecar, as the
// sidecar's Envoy would.
package xds

import (
	"context"
	"fmt"
	"slices"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"istio.io/istio/pilot/test/xdstest"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// The kinds of configuration.
const (
	typePrefix   = "type.googleapis.com/envoy.config."
	typeCluster  = typePrefix + "cluster.v3.Cluster"
	typeListener = typePrefix + "listener.v3.Listener"
	typeRoute    = typePrefix + "route.v3.RouteConfiguration"
	typeEndpoint = typePrefix + "endpoint.v3.ClusterLoadAssignment"
)

// Fetch returns what the istiod at the address sends to the workload's sidecar.
func Fetch(ctx context.Context, address string, w mesh.Workload) (mesh.Config, error) {
	config, err := fetch(ctx, address, w)
	if err != nil {
		return mesh.Config{}, fmt.Errorf("ask istiod at %s: %w", address, err)
	}
	return config, nil
}

func fetch(ctx context.Context, address string, w mesh.Workload) (config mesh.Config, err error) {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return config, err
	}
	defer func() { _ = connection.Close() }()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(connection).StreamAggregatedResources(ctx)
	if err != nil {
		return config, err
	}
	s := session{stream: stream, node: node(w)}
	if config.Clusters, err = get[*cluster.Cluster](s, typeCluster, nil); err != nil {
		return config, err
	}
	if config.Listeners, err = get[*listener.Listener](s, typeListener, nil); err != nil {
		return config, err
	}
	if config.Endpoints, err = get[*endpoint.ClusterLoadAssignment](s, typeEndpoint, xdstest.ExtractEdsClusterNames(config.Clusters)); err != nil {
		return config, err
	}
	config.Routes, err = get[*route.RouteConfiguration](s, typeRoute, xdstest.ExtractRoutesFromListeners(config.Listeners))
	return config, err
}

// node says who asks, as the sidecar of an injected pod does.
func node(w mesh.Workload) *core.Node {
	labels := map[string]any{}
	for name, value := range w.Labels {
		labels[name] = value
	}
	metadata, err := structpb.NewStruct(map[string]any{
		"NAMESPACE": w.Namespace, "LABELS": labels, "ISTIO_VERSION": mesh.ProxyVersion, "CLUSTER_ID": "Kubernetes",
	})
	if err != nil {
		panic(err) // texts only
	}
	return &core.Node{
		Id:       fmt.Sprintf("sidecar~10.244.0.9~client.%[1]s~%[1]s.svc.cluster.local", w.Namespace),
		Metadata: metadata,
	}
}

type session struct {
	stream discovery.AggregatedDiscoveryService_StreamAggregatedResourcesClient
	node   *core.Node
}

// get asks for resources of a type: those with the names, or all.
func get[M proto.Message](s session, typeURL string, names []string) ([]M, error) {
	if names != nil && len(names) == 0 {
		return nil, nil
	}
	slices.Sort(names)
	request := &discovery.DiscoveryRequest{Node: s.node, TypeUrl: typeURL, ResourceNames: slices.Compact(names)}
	if err := s.stream.Send(request); err != nil {
		return nil, err
	}
	for {
		response, err := s.stream.Recv()
		if err != nil {
			return nil, err
		}
		if response.GetTypeUrl() != typeURL {
			continue // a push of something asked for before
		}
		messages := make([]M, 0, len(response.GetResources()))
		for _, resource := range response.GetResources() {
			message, err := resource.UnmarshalNew()
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", typeURL, err)
			}
			messages = append(messages, message.(M))
		}
		return messages, nil
	}
}
