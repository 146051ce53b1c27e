//go:build e2e

package mesh

import (
	"fmt"
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/proto"
	"istio.io/istio/pilot/pkg/simulation"
)

// Config is what istiod sends to one sidecar.
type Config struct {
	Listeners []*listener.Listener
	Clusters  []*cluster.Cluster
	Routes    []*route.RouteConfiguration
	Endpoints []*endpoint.ClusterLoadAssignment
}

// Sidecar runs calls through the configuration of one sidecar.
type Sidecar struct {
	Config
	t          *testing.T
	namespace  string
	names      Names
	simulation *simulation.Simulation
}

// NewSidecar reads a configuration, wherever it came from. Names are looked
// up as from the namespace.
func NewSidecar(t *testing.T, namespace string, n Names, config Config) *Sidecar {
	return &Sidecar{
		Config:    config,
		t:         t,
		namespace: namespace,
		names:     n,
		simulation: &simulation.Simulation{
			Listeners: perAddress(config.Listeners),
			Clusters:  config.Clusters,
			Routes:    config.Routes,
		},
	}
}

// perAddress makes up for what the simulation does not know: a listener's
// additional addresses, and the wildcard address of IPv6 pods.
func perAddress(listeners []*listener.Listener) []*listener.Listener {
	var all []*listener.Listener
	for _, l := range listeners {
		all = append(all, at(l, l.GetAddress()))
		for _, additional := range l.GetAdditionalAddresses() {
			all = append(all, at(l, additional.GetAddress()))
		}
	}
	return all
}

func at(l *listener.Listener, address *core.Address) *listener.Listener {
	twin := proto.Clone(l).(*listener.Listener)
	twin.Address = proto.Clone(address).(*core.Address)
	if socket := twin.GetAddress().GetSocketAddress(); socket.GetAddress() == "::" {
		socket.Address = "0.0.0.0"
	}
	return twin
}

// Rejected returns the addresses of the listeners that Envoy rejects, because
// a listener before them has the same.
func (s *Sidecar) Rejected() []string {
	taken := map[string]bool{
		fmt.Sprintf("0.0.0.0:%d", statusPort):  true,
		fmt.Sprintf("0.0.0.0:%d", metricsPort): true,
	}
	var rejected []string
	for _, l := range s.simulation.Listeners {
		socket := l.GetAddress().GetSocketAddress()
		address := fmt.Sprintf("%s:%d", socket.GetAddress(), socket.GetPortValue())
		if taken[address] {
			rejected = append(rejected, address)
		}
		taken[address] = true
	}
	return rejected
}

// Cluster returns the cluster of a host and port, nil when there is none.
func (s *Sidecar) Cluster(host string, port int) *cluster.Cluster {
	return s.clusterNamed(clusterName(host, port))
}

func (s *Sidecar) clusterNamed(name string) *cluster.Cluster {
	for _, c := range s.Clusters {
		if c.GetName() == name {
			return c
		}
	}
	return nil
}

// endpointsOf returns the endpoints of a cluster, whether they are part of it
// or sent on their own.
func (s *Sidecar) endpointsOf(c *cluster.Cluster) []*endpoint.LbEndpoint {
	assignment := c.GetLoadAssignment()
	if c.GetType() == cluster.Cluster_EDS {
		for _, candidate := range s.Endpoints {
			if candidate.GetClusterName() == c.GetName() {
				assignment = candidate
			}
		}
	}
	var all []*endpoint.LbEndpoint
	for _, locality := range assignment.GetEndpoints() {
		all = append(all, locality.GetLbEndpoints()...)
	}
	return all
}

func socketAddress(e *endpoint.LbEndpoint) *core.SocketAddress {
	return e.GetEndpoint().GetAddress().GetSocketAddress()
}
