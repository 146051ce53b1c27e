//go:build e2e

package mesh

import (
	"fmt"
	"net/netip"
	"net/url"
	"slices"

	"istio.io/istio/pkg/workloadapi"
)

// Ztunnel is the name of the cluster, for an Outcome, where ztunnel itself connects to the server.
const Ztunnel = "ztunnel"

// Pod is a pod in ambient mode: ztunnel carries its calls, by what istiod tells it. The workload API is istiod's; what
// ztunnel does with it is stood in for here, in the order that ztunnel has: its own DNS, then the cluster's; a service by its
// address, with its waypoint, else with its endpoints; an unknown address as it is.
type Pod struct {
	mesh      *Mesh
	namespace string
	account   string
	services  []*workloadapi.Service
	workloads []*workloadapi.Workload
}

// Pod returns a pod of the namespace, with the service account.
func (m *Mesh) Pod(namespace, account string) *Pod {
	m.t.Helper()
	pod := &Pod{mesh: m, namespace: namespace, account: account}
	for _, info := range m.server.AmbientIndex.All() {
		if service := info.GetService(); service != nil {
			pod.services = append(pod.services, service)
		}
		if workload := info.GetWorkload(); workload != nil {
			pod.workloads = append(pod.workloads, workload)
		}
	}
	return pod
}

// Service returns what ztunnel knows of a host; nil when it does not know it.
func (p *Pod) Service(host string) *workloadapi.Service {
	for _, service := range p.services {
		if service.GetHostname() == host {
			return service
		}
	}
	return nil
}

// Hosts are the names that ztunnel answers with an address.
func (p *Pod) Hosts() []string {
	var hosts []string
	for _, service := range p.services {
		if len(service.GetAddresses()) > 0 {
			hosts = append(hosts, service.GetHostname())
		}
	}
	slices.Sort(hosts)
	return hosts
}

// Endpoints are where ztunnel itself sends calls of a service's port, when it has no waypoint for it.
func (p *Pod) Endpoints(service *workloadapi.Service, port int) []string {
	var all []string
	for _, workload := range p.workloads {
		for _, known := range workload.GetServices()[service.GetNamespace()+"/"+service.GetHostname()].GetPorts() {
			if int(known.GetServicePort()) != port {
				continue
			}
			hosts := []string{workload.GetHostname()}
			if len(workload.GetAddresses()) > 0 {
				hosts = addressTexts(workload.GetAddresses())
			}
			for _, host := range hosts {
				all = append(all, fmt.Sprintf("%s:%d", host, known.GetTargetPort()))
			}
		}
	}
	slices.Sort(all)
	return all
}

func addressTexts(addresses [][]byte) []string {
	var texts []string
	for _, bytes := range addresses {
		if address, ok := netip.AddrFromSlice(bytes); ok {
			texts = append(texts, address.String())
		}
	}
	return texts
}

// Call runs a call of the pod, as [Sidecar.Call] does. It goes out as the workload sends it, but for what a waypoint does.
func (p *Pod) Call(target string) Outcome {
	p.mesh.t.Helper()
	u, err := url.Parse(target)
	if err != nil {
		p.mesh.t.Fatalf("call %s: %v", target, err)
	}
	call, err := (&Sidecar{namespace: p.namespace, names: p.mesh.names}).callTo(u)
	if err != nil {
		p.mesh.t.Fatalf("call %s: %v", target, err)
	}
	if address := p.resolve(u.Hostname()); address != "" {
		call.Address = address
	}
	service := p.serviceAt(call.Address)
	if service == nil {
		return Outcome{Cluster: Passthrough, Upstreams: []string{fmt.Sprintf("%s:%d", p.mesh.names.describe(call.Address), call.Port)}, Host: call.HostHeader}
	}
	if at := service.GetWaypoint().GetHostname(); at != nil {
		return p.mesh.waypoint(p.mesh.t, at).outcomeAt(call, "spiffe://cluster.local/ns/"+p.namespace+"/sa/"+p.account)
	}
	upstreams := p.Endpoints(service, call.Port)
	if len(upstreams) == 0 {
		return Outcome{Error: fmt.Errorf("ztunnel has no endpoint for %s:%d", service.GetHostname(), call.Port)}
	}
	return Outcome{Cluster: Ztunnel, Upstreams: upstreams, Host: call.HostHeader}
}

// resolve asks ztunnel's DNS, by the search list of the pod; empty when ztunnel leaves the answer to the cluster's.
func (p *Pod) resolve(name string) string {
	for _, suffix := range []string{"", "." + p.namespace + ".svc." + clusterDomain, ".svc." + clusterDomain, "." + clusterDomain} {
		if service := p.Service(name + suffix); service != nil && len(service.GetAddresses()) > 0 {
			address, _ := netip.AddrFromSlice(service.GetAddresses()[0].GetAddress())
			return address.String()
		}
	}
	return ""
}

func (p *Pod) serviceAt(text string) *workloadapi.Service {
	for _, service := range p.services {
		for _, known := range service.GetAddresses() {
			if address, _ := netip.AddrFromSlice(known.GetAddress()); address.String() == text {
				return service
			}
		}
	}
	return nil
}
