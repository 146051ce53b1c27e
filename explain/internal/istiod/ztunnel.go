package istiod

import (
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	networkingapi "istio.io/api/networking/v1alpha3"
	securityapi "istio.io/api/security/v1beta1"
	networkingv1 "istio.io/client-go/pkg/apis/networking/v1"
	securityv1 "istio.io/client-go/pkg/apis/security/v1"
	"istio.io/istio/pilot/pkg/model"
	"istio.io/istio/pilot/pkg/serviceregistry/ambient"
	"istio.io/istio/pkg/activenotifier"
	"istio.io/istio/pkg/config"
	"istio.io/istio/pkg/config/schema/kind"
	"istio.io/istio/pkg/kube/krt"
	"istio.io/istio/pkg/kube/multicluster"
	"istio.io/istio/pkg/workloadapi"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
)

// Ztunnel is what istiod tells ztunnel: its workload API.
type Ztunnel struct {
	index     ambient.Index
	byAddress map[netip.Addr]*workloadapi.Service
	byHost    map[string][]netip.Addr
	workloads []*workloadapi.Workload
}

// Destination is a service as ztunnel knows it.
type Destination struct {
	Source
	Host string
	// Waypoint is the host of the Service that takes its calls, in the namespace; the zero value for none.
	Waypoint types.NamespacedName
	// Unbound is why istiod does not bind it to the waypoint that its labels name; the zero value where it does, or they name none.
	Unbound Unbound

	service *workloadapi.Service
}

// Unbound is istiod's reason, such as WaypointIsNotReady, and its sentence.
type Unbound struct{ Reason, Message string }

// Backend is where ztunnel itself sends a call.
type Backend struct {
	Server string // host:port
	// Meshed tells a workload of the mesh, to which ztunnel sends its own mutual TLS.
	Meshed bool
}

// newAmbientIndex has istiod compute what ztunnel and waypoints serve.
func (p *Plane) newAmbientIndex(clusters *multicluster.Controller, updater model.XDSUpdater, debugger *krt.DebugHandler) ambient.Index {
	return ambient.New(ambient.Options{
		SystemNamespace: p.environment.Mesh().GetRootNamespace(), DomainSuffix: p.domain, ClusterID: clusterID, XDSUpdater: updater,
		MeshConfig: p.environment.Watcher, StatusNotifier: activenotifier.New(false), Debugger: debugger, MultiClusterController: clusters,
	})
}

func newZtunnel(index ambient.Index) *Ztunnel {
	z := &Ztunnel{index: index, byAddress: map[netip.Addr]*workloadapi.Service{}, byHost: map[string][]netip.Addr{}}
	for _, info := range index.All() {
		if w := info.GetWorkload(); w != nil {
			z.workloads = append(z.workloads, w)
		}
		service := info.GetService()
		for _, a := range service.GetAddresses() {
			if address, ok := netip.AddrFromSlice(a.GetAddress()); ok {
				z.byAddress[address] = service
				z.byHost[strings.ToLower(service.GetHostname())] = append(z.byHost[strings.ToLower(service.GetHostname())], address)
			}
		}
	}
	return z
}

// Names are those that ztunnel's DNS answers, with their addresses.
func (z *Ztunnel) Names() map[string][]netip.Addr { return z.byHost }

// Destination returns the service of an address, false when ztunnel knows none.
func (z *Ztunnel) Destination(address netip.Addr) (Destination, bool) {
	service := z.byAddress[address]
	if service == nil {
		return Destination{}, false
	}
	d := Destination{Host: service.GetHostname(), service: service}
	if info := z.index.ServiceInfo(service.GetNamespace() + "/" + service.GetHostname()); info != nil {
		d.Source = Source{Kind: "Service", NamespacedName: info.Source.NamespacedName}
		if info.Source.Kind == kind.ServiceEntry {
			d.Kind = "ServiceEntry"
		}
		if e := info.Waypoint.Error; e != nil {
			d.Unbound = Unbound{e.Reason, e.Message}
		}
	}
	if at := service.GetWaypoint().GetHostname(); at != nil {
		d.Waypoint = types.NamespacedName{Namespace: at.GetNamespace(), Name: at.GetHostname()}
	}
	return d, true
}

// HasPort tells whether the service has the port.
func (d Destination) HasPort(port int) bool {
	return slices.ContainsFunc(d.service.GetPorts(), func(p *workloadapi.Port) bool { return int(p.GetServicePort()) == port })
}

// Backends are where ztunnel sends calls of a destination that has no waypoint, sorted.
func (z *Ztunnel) Backends(d Destination, port int) []Backend {
	var all []Backend
	for _, w := range z.workloads {
		for _, p := range w.GetServices()[d.service.GetNamespace()+"/"+d.service.GetHostname()].GetPorts() {
			if int(p.GetServicePort()) != port {
				continue
			}
			meshed := w.GetTunnelProtocol() == workloadapi.TunnelProtocol_HBONE
			for _, host := range hostsOf(w) {
				all = append(all, Backend{net.JoinHostPort(host, strconv.Itoa(int(p.GetTargetPort()))), meshed})
			}
		}
	}
	slices.SortFunc(all, func(a, b Backend) int { return strings.Compare(a.Server, b.Server) })
	return slices.Compact(all)
}

// IsMeshed tells whether an address is that of a workload of the mesh.
func (z *Ztunnel) IsMeshed(address netip.Addr) bool {
	return slices.ContainsFunc(z.workloads, func(w *workloadapi.Workload) bool {
		return w.GetTunnelProtocol() == workloadapi.TunnelProtocol_HBONE && slices.Contains(hostsOf(w), address.String())
	})
}

// hostsOf are a workload's addresses, or the name that ztunnel asks DNS for.
func hostsOf(w *workloadapi.Workload) []string {
	var hosts []string
	for _, bytes := range w.GetAddresses() {
		if address, ok := netip.AddrFromSlice(bytes); ok {
			hosts = append(hosts, address.String())
		}
	}
	if len(hosts) == 0 {
		return []string{w.GetHostname()}
	}
	return hosts
}

// objectsOf are the objects that istiod's index for ztunnel reads from the cluster, and not from the store.
func objectsOf(configs []config.Config) []runtime.Object {
	var all []runtime.Object
	for _, c := range configs {
		switch spec := c.Spec.(type) {
		case *networkingapi.ServiceEntry:
			o := &networkingv1.ServiceEntry{ObjectMeta: c.ToObjectMeta()}
			spec.DeepCopyInto(&o.Spec)
			if status, ok := c.Status.(*networkingapi.ServiceEntryStatus); ok {
				status.DeepCopyInto(&o.Status)
			}
			all = append(all, o)
		case *networkingapi.WorkloadEntry:
			o := &networkingv1.WorkloadEntry{ObjectMeta: c.ToObjectMeta()}
			spec.DeepCopyInto(&o.Spec)
			all = append(all, o)
		case *securityapi.AuthorizationPolicy:
			o := &securityv1.AuthorizationPolicy{ObjectMeta: c.ToObjectMeta()}
			spec.DeepCopyInto(&o.Spec)
			all = append(all, o)
		case *securityapi.PeerAuthentication:
			o := &securityv1.PeerAuthentication{ObjectMeta: c.ToObjectMeta()}
			spec.DeepCopyInto(&o.Spec)
			all = append(all, o)
		}
	}
	return all
}
