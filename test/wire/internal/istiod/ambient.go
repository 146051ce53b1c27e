package istiod

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"istio.io/istio/pilot/pkg/features"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/serviceregistry/ambient"
	"istio.io/istio/pkg/activenotifier"
	"istio.io/istio/pkg/config/schema/gvr"
	"istio.io/istio/pkg/kube/krt"
	"istio.io/istio/pkg/kube/kubetypes"
	"istio.io/istio/pkg/kube/multicluster"
	"istio.io/istio/pkg/workloadapi"
	"k8s.io/apimachinery/pkg/runtime/schema"
	gatewayv1 "sigs.k8s.io/gateway-api/apis/v1"
	gatewayversioned "sigs.k8s.io/gateway-api/pkg/client/clientset/versioned"
)

// ambientClient is the client of an istiod in ambient mode, which reads Gateways of the Gateway API too.
type ambientClient struct {
	simpleClient
	gateways gatewayversioned.Interface
}

func (c ambientClient) GatewayAPI() gatewayversioned.Interface { return c.gateways }
func (c ambientClient) CrdWatcher() kubetypes.CrdWatcher       { return allCRDs{} }

// allCRDs is the watcher of a cluster that has every kind.
type allCRDs struct{}

func (allCRDs) HasSynced() bool { return true }
func (allCRDs) KnownOrCallback(schema.GroupVersionResource, func(stop <-chan struct{})) bool {
	return true
}
func (allCRDs) WaitForCRD(schema.GroupVersionResource, <-chan struct{}) bool { return true }
func (allCRDs) Run(<-chan struct{})                                          {}

// gatewayOf is an object that is a Gateway of the Gateway API, with the address that Istio's controller gives it when its pod is
// ready; nil for others.
func gatewayOf(object Object) *gatewayv1.Gateway {
	gateway, ok := object.Kubernetes.(*gatewayv1.Gateway)
	if ok && len(gateway.Status.Addresses) == 0 {
		kind := gatewayv1.HostnameAddressType
		host := fmt.Sprintf("%s.%s.svc.cluster.local", gateway.Name, gateway.Namespace)
		gateway.Status.Addresses = []gatewayv1.GatewayStatusAddress{{Type: &kind, Value: host}}
	}
	return gateway
}

// applyGateway creates a Gateway, or replaces it.
func (s *Server) applyGateway(gateway *gatewayv1.Gateway) error {
	tracker := s.gateways.Tracker()
	if _, err := tracker.Get(gvr.KubernetesGateway, gateway.Namespace, gateway.Name); err != nil {
		return tracker.Create(gvr.KubernetesGateway, gateway, gateway.Namespace)
	}
	return tracker.Update(gvr.KubernetesGateway, gateway, gateway.Namespace)
}

// ambientIndex is what istiod tells ztunnel and waypoints by; nil where it is not in ambient mode.
func (s *Server) ambientIndex(env *model.Environment, clusters *multicluster.Controller, debug *krt.DebugHandler) ambient.Index {
	if !features.EnableAmbient {
		env.AmbientIndexes = &model.NoopAmbientIndexes{}
		return nil
	}
	index := ambient.New(ambient.Options{
		SystemNamespace: rootNamespace, DomainSuffix: "cluster.local", ClusterID: clusterID, XDSUpdater: s.discovery,
		MeshConfig: env.Watcher, StatusNotifier: activenotifier.New(false), Debugger: debug, MultiClusterController: clusters,
	})
	env.AmbientIndexes = index
	return index
}

// Destination is a Service as istiod tells ztunnel of it.
type Destination struct {
	// Waypoint is the host of the waypoint's Service, and its namespace; empty for none.
	Waypoint, WaypointNamespace string
	// Backends are where ztunnel leads calls of the port without one.
	Backends []netip.AddrPort
}

// Ztunnel returns what istiod tells ztunnel of an address and port; false where it is no Service's.
func (s *Server) Ztunnel(target netip.AddrPort) (Destination, bool) {
	all := s.index.All()
	for _, info := range all {
		service := info.GetService()
		if !slices.ContainsFunc(service.GetAddresses(), func(a *workloadapi.NetworkAddress) bool { return isAddress(a.GetAddress(), target.Addr()) }) {
			continue
		}
		waypoint := service.GetWaypoint().GetHostname()
		d := Destination{Waypoint: waypoint.GetHostname(), WaypointNamespace: waypoint.GetNamespace()}
		for _, other := range all {
			d.Backends = append(d.Backends, backends(other.GetWorkload(), service, target.Port())...)
		}
		return d, true
	}
	return Destination{}, false
}

func isAddress(bytes []byte, address netip.Addr) bool {
	found, ok := netip.AddrFromSlice(bytes)
	return ok && found == address
}

// backends are where a workload takes calls of the Service's port.
func backends(workload *workloadapi.Workload, service *workloadapi.Service, port uint16) []netip.AddrPort {
	var found []netip.AddrPort
	for _, p := range workload.GetServices()[service.GetNamespace()+"/"+service.GetHostname()].GetPorts() {
		if uint16(p.GetServicePort()) != port {
			continue
		}
		for _, bytes := range workload.GetAddresses() {
			if address, ok := netip.AddrFromSlice(bytes); ok {
				found = append(found, netip.AddrPortFrom(address, uint16(p.GetTargetPort())))
			}
		}
	}
	return found
}

// WaypointName is the name of the Gateway that a waypoint's host is of.
func (d Destination) WaypointName() string {
	name, _, _ := strings.Cut(d.Waypoint, ".")
	return name
}
