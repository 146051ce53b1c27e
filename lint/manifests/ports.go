package manifests

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/egress"
)

// hostPort is a port that a host is reached on, and where it is declared.
type hostPort struct {
	owner    *object
	path     string
	name     string
	number   int
	target   int
	protocol egress.Protocol // empty when it cannot be told
}

// ports returns the ports of a full host as workloads of the namespace meet them: of its ServiceEntries, the oldest of which
// counts, else of its Service.
func (s *set) ports(host, namespace string) []hostPort {
	var found []hostPort
	for _, entry := range egress.OwnFirst(s.Entries(host, namespace), namespace) {
		for _, port := range entryPorts(s.objectOf(entry), entry) {
			if !slices.ContainsFunc(found, func(older hostPort) bool { return older.number == port.number }) {
				found = append(found, port)
			}
		}
	}
	if service, ok := s.Service(host, namespace); ok && len(found) == 0 {
		found = s.servicePorts(service)
	}
	return found
}

// port returns the port of a number.
func (s *set) port(host, namespace string, number int) (hostPort, bool) {
	for _, port := range s.ports(host, namespace) {
		if port.number == number {
			return port, true
		}
	}
	return hostPort{}, false
}

func entryPorts(owner *object, entry *istio.ServiceEntry) []hostPort {
	var found []hostPort
	for i, port := range entry.Spec.GetPorts() {
		number := int(port.GetNumber())
		p := hostPort{
			owner: owner, path: fmt.Sprintf("spec.ports[%d]", i), name: port.GetName(),
			number: number, target: egress.EntryTarget(entry, port), protocol: egress.ProtocolNamed(port.GetProtocol()),
		}
		if port.GetProtocol() == "" {
			p.protocol = egress.ProtocolNamed(p.name)
		}
		found = append(found, p)
	}
	return found
}

func (s *set) servicePorts(service *corev1.Service) []hostPort {
	var found []hostPort
	for i, port := range service.Spec.Ports {
		found = append(found, hostPort{
			owner: s.objectOf(service), path: fmt.Sprintf("spec.ports[%d]", i), name: port.Name,
			number: int(port.Port), target: cmp.Or(s.TargetPort(egress.NameOf(service), port.Name), port.TargetPort.IntValue(), int(port.Port)),
			protocol: egress.ServiceProtocol(port.Name, appProtocol(port), int(port.Port)),
		})
	}
	return found
}

func appProtocol(port corev1.ServicePort) string {
	if port.AppProtocol == nil {
		return ""
	}
	return *port.AppProtocol
}

func portNumbers(ports []hostPort) string {
	var numbers []string
	for _, port := range ports {
		numbers = append(numbers, strconv.Itoa(port.number))
	}
	return strings.Join(numbers, ", ")
}
