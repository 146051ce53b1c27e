package envoy

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
)

// Node says which proxy of the mesh Envoy is.
type Node struct {
	// Kind is sidecar, router (a gateway) or waypoint.
	Kind           string
	Name           string
	Namespace      string
	ServiceAccount string
	Labels         map[string]string
	Addresses      []netip.Addr
	// Metadata beside what every proxy has.
	Metadata map[string]string
	// IstioVersion is what the proxy says it was injected by.
	IstioVersion string
}

// Identity is the node's SPIFFE ID.
func (n Node) Identity() string {
	return fmt.Sprintf("spiffe://cluster.local/ns/%s/sa/%s", n.Namespace, n.ServiceAccount)
}

// Sockets are the Unix sockets that Envoy connects to, and listens on for its admin interface.
type Sockets struct{ XDS, SDS, Admin string }

type object = map[string]any

// Bootstrap is the configuration that Envoy starts with: as much of Istio's as decides on what is sent.
func Bootstrap(node Node, sockets Sockets) ([]byte, error) {
	content, err := json.MarshalIndent(object{
		"node":  node.config(),
		"admin": object{"address": object{"pipe": object{"path": sockets.Admin, "mode": 0o666}}},
		"layered_runtime": object{"layers": []any{
			object{"name": "global config", "static_layer": object{
				// These are Istio's.
				"re2.max_program_size.error_level":                               "32768",
				"envoy.reloadable_features.http_reject_path_with_fragment":       false,
				"envoy.reloadable_features.fixed_heap_use_allocated":             true,
				"envoy.reloadable_features.coalesce_lb_rebuilds_on_batch_update": false,
			}},
		}},
		"bootstrap_extensions": []any{object{
			"name": "envoy.bootstrap.internal_listener",
			"typed_config": object{
				"@type":          "type.googleapis.com/envoy.extensions.bootstrap.internal_listener.v3.InternalListener",
				"buffer_size_kb": 64,
			},
		}},
		"dynamic_resources": object{
			"lds_config": fromADS,
			"cds_config": fromADS,
			"ads_config": object{
				"api_type": "GRPC", "set_node_on_first_message_only": true, "transport_api_version": "V3",
				"grpc_services": []any{object{"envoy_grpc": object{"cluster_name": "xds-grpc"}}},
			},
		},
		"static_resources": object{"clusters": []any{overSocket("xds-grpc", sockets.XDS), overSocket("sds-grpc", sockets.SDS)}},
	}, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write Envoy's bootstrap: %w", err)
	}
	return content, nil
}

var fromADS = object{"ads": object{}, "initial_fetch_timeout": "0s", "resource_api_version": "V3"}

func (n Node) config() object {
	addresses := make([]string, len(n.Addresses))
	for i, address := range n.Addresses {
		addresses[i] = address.String()
	}
	metadata := object{
		"NAMESPACE": n.Namespace, "NAME": n.Name, "LABELS": n.Labels, "SERVICE_ACCOUNT": n.ServiceAccount,
		"ISTIO_VERSION": n.IstioVersion, "CLUSTER_ID": "Kubernetes", "MESH_ID": "cluster.local",
		"INTERCEPTION_MODE": "REDIRECT", "INSTANCE_IPS": strings.Join(addresses, ","),
		"ENVOY_STATUS_PORT": 15021, "ENVOY_PROMETHEUS_PORT": 15090,
	}
	for name, value := range n.Metadata {
		metadata[name] = value
	}
	return object{
		"id":       fmt.Sprintf("%s~%s~%s.%s~%[4]s.svc.cluster.local", n.Kind, addresses[0], n.Name, n.Namespace),
		"cluster":  n.Name + "." + n.Namespace,
		"metadata": metadata,
	}
}

// overSocket is a cluster that speaks gRPC over a Unix socket.
func overSocket(name, path string) object {
	return object{
		"name": name, "type": "STATIC", "connect_timeout": "1s",
		"typed_extension_protocol_options": object{
			"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": object{
				"@type":                "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
				"explicit_http_config": object{"http2_protocol_options": object{}},
			},
		},
		"load_assignment": object{"cluster_name": name, "endpoints": []any{object{"lb_endpoints": []any{
			object{"endpoint": object{"address": object{"pipe": object{"path": path}}}},
		}}}},
	}
}
