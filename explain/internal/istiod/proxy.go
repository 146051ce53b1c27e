package istiod

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/protobuf/proto"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/serviceregistry/provider"
	"istio.io/istio/pilot/pkg/xds/endpoints"
	"istio.io/istio/pkg/config/host"
	"k8s.io/apimachinery/pkg/types"
)

// Version is Istio's version that proxies say they have.
const Version = "1.31.0"

// Node is a proxy of the mesh.
type Node struct {
	Type      model.NodeType // SidecarProxy for a workload's own
	Namespace string
	Labels    map[string]string
	IPs       []string
	// Serves is the host of the Service that a waypoint is a pod of; empty for proxies that istiod finds by their IPs.
	Serves string
	// Metadata is what the proxy's environment has under ISTIO_META_, by the names without it, such as DNS_CAPTURE.
	Metadata map[string]string
}

// Proxy is what a node is sent. It is safe for concurrent use.
type Proxy struct {
	Listeners []*listener.Listener
	plane     *Plane
	node      *model.Proxy
	routes    map[string]*route.RouteConfiguration
	clusters  map[string]*discovery.Resource
}

// Proxy generates the configuration of a node. routesOf names the route tables that listeners lead to.
func (p *Plane) Proxy(n Node, routesOf func([]*listener.Listener) []string) (*Proxy, error) {
	node, err := p.proxyOf(n)
	if err != nil {
		return nil, err
	}
	proxy := &Proxy{
		Listeners: p.generator.BuildListeners(node, p.push),
		plane:     p,
		node:      node,
		routes:    map[string]*route.RouteConfiguration{},
		clusters:  map[string]*discovery.Resource{},
	}
	request := &model.PushRequest{Push: p.push}
	tables, _ := p.generator.BuildHTTPRoutes(node, request, routesOf(proxy.Listeners))
	for _, resource := range tables {
		table := &route.RouteConfiguration{}
		if err := read(resource, table); err != nil {
			return nil, err
		}
		proxy.routes[table.GetName()] = table
	}
	clusters, _ := p.generator.BuildClusters(node, request)
	for _, resource := range clusters {
		proxy.clusters[resource.GetName()] = resource
	}
	return proxy, nil
}

func (p *Plane) proxyOf(n Node) (*model.Proxy, error) {
	metadata := &model.NodeMetadata{Namespace: n.Namespace, Labels: n.Labels, IstioVersion: Version, ClusterID: clusterID}
	if len(n.Metadata) > 0 {
		given, err := json.Marshal(n.Metadata)
		if err == nil {
			err = json.Unmarshal(given, metadata)
		}
		if err != nil {
			return nil, fmt.Errorf("proxy metadata %v: %w", n.Metadata, err)
		}
	}
	node := &model.Proxy{
		Type: n.Type, ID: "workload." + n.Namespace, ConfigNamespace: n.Namespace, Labels: n.Labels,
		DNSDomain: n.Namespace + ".svc." + p.domain, IPAddresses: n.IPs, Metadata: metadata,
		IstioVersion: model.ParseIstioVersion(Version),
	}
	node.SetSidecarScope(p.push)
	node.SetServiceTargets(p.environment.ServiceDiscovery)
	if n.Serves != "" {
		node.ServiceTargets = p.targetsOf(node, n.Serves)
	}
	node.SetGatewaysForProxy(p.push)
	node.DiscoverIPMode()
	return node, nil
}

func (p *Plane) targetsOf(node *model.Proxy, hostname string) []model.ServiceTarget {
	service := p.push.ServiceForHostname(node, host.Name(hostname))
	if service == nil {
		return nil
	}
	return []model.ServiceTarget{{Service: service}}
}

func read(resource *discovery.Resource, into proto.Message) error {
	if err := resource.GetResource().UnmarshalTo(into); err != nil {
		return fmt.Errorf("istiod's configuration of %s: %w", resource.GetName(), err)
	}
	return nil
}

// Route returns a route table, nil when there is none.
func (p *Proxy) Route(name string) *route.RouteConfiguration { return p.routes[name] }

// Cluster returns a cluster, nil when there is none.
func (p *Proxy) Cluster(name string) (*cluster.Cluster, error) {
	resource, ok := p.clusters[name]
	if !ok {
		return nil, nil
	}
	c := &cluster.Cluster{}
	return c, read(resource, c)
}

// Endpoints returns the endpoints of a cluster, its own or those of the registries.
func (p *Proxy) Endpoints(c *cluster.Cluster) []*endpoint.LbEndpoint {
	assignment := c.GetLoadAssignment()
	if c.GetType() == cluster.Cluster_EDS {
		builder := endpoints.NewEndpointBuilder(c.GetName(), p.node, p.plane.push)
		assignment = builder.BuildClusterLoadAssignment(p.plane.environment.EndpointIndex)
	}
	var all []*endpoint.LbEndpoint
	for _, locality := range assignment.GetEndpoints() {
		all = append(all, locality.GetLbEndpoints()...)
	}
	return all
}

// Target is what a cluster's name says.
type Target struct {
	Host   string
	Port   int
	Subset string
}

// TargetOf reads the name of an outbound cluster.
func TargetOf(clusterName string) Target {
	direction, subset, name, port := model.ParseSubsetKey(clusterName)
	if direction == model.TrafficDirectionInboundVIP { // of a service that a waypoint serves: protocol/subset
		_, subset, _ = strings.Cut(subset, "/")
	}
	return Target{Host: string(name), Port: port, Subset: subset}
}

// Source is the object that istiod knows a host from.
type Source struct {
	Kind string // Service or ServiceEntry
	types.NamespacedName
}

// SourceOf returns where a host is from, as the proxy sees it; false when it sees none.
func (p *Proxy) SourceOf(hostname string) (Source, bool) {
	service := p.service(hostname)
	if service == nil {
		return Source{}, false
	}
	attributes := service.Attributes
	source := Source{Kind: "Service", NamespacedName: types.NamespacedName{Namespace: attributes.Namespace, Name: attributes.Name}}
	if attributes.ServiceRegistry == provider.External {
		source.Kind, source.Name = "ServiceEntry", attributes.K8sAttributes.ObjectName
	}
	return source, true
}

func (p *Proxy) service(hostname string) *model.Service {
	return p.plane.push.ServiceForHostname(p.node, host.Name(hostname))
}

// RulesOf returns the DestinationRules that were merged for a host.
func (p *Proxy) RulesOf(hostname string) []types.NamespacedName {
	rule := p.node.SidecarScope.DestinationRule(model.TrafficDirectionOutbound, p.node, host.Name(hostname))
	if rule == nil {
		return nil
	}
	return rule.GetFrom()
}

// Names is what the proxy's agent answers when it captures DNS: addresses by full name. Nil when it does not.
func (p *Proxy) Names() map[string][]netip.Addr {
	if !bool(p.node.Metadata.DNSCapture) {
		return nil
	}
	names := map[string][]netip.Addr{}
	for name, info := range p.plane.generator.BuildNameTable(p.node, p.plane.push).GetTable() {
		for _, text := range info.GetIps() {
			if address, err := netip.ParseAddr(text); err == nil {
				names[strings.ToLower(name)] = append(names[strings.ToLower(name)], address)
			}
		}
	}
	return names
}
