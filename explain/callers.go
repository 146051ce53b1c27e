package explain

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/egress"
)

// Calls returns a call for each name and port that a model declares, from each namespace that sees it, and from the workloads
// that have settings of their own, or may call by their service account. Hosts are called by their own names, and a wildcard by a
// name below it. Who sees a name without saying so are the namespaces of
// the objects. The workloads are of the data plane that is given, else of those that the model is for: of both, each call comes
// twice.
func Calls(model *egress.Model, objects []Object, dataPlane egress.DataPlane) []Call {
	var calls []Call
	for _, plane := range planesOf(cmp.Or(dataPlane, model.DataPlane)) {
		for _, call := range callsOn(plane, model, objects) {
			call.From.DataPlane = plane
			calls = append(calls, call)
		}
	}
	return calls
}

func planesOf(plane egress.DataPlane) []egress.DataPlane {
	switch plane {
	case egress.DataPlaneAmbient:
		return []egress.DataPlane{egress.DataPlaneAmbient}
	case egress.DataPlaneBoth:
		return []egress.DataPlane{egress.DataPlaneSidecar, egress.DataPlaneAmbient}
	}
	return []egress.DataPlane{egress.DataPlaneSidecar}
}

// callsOn are the calls of workloads of a data plane. What exportTo hides, ambient workloads see.
func callsOn(plane egress.DataPlane, model *egress.Model, objects []Object) []Call {
	known := namespacesOf(model, objects)
	var calls []Call
	for _, service := range model.Services {
		namespaces := seenFrom(service.Visibility, plane, known)
		for _, port := range service.Ports {
			for _, namespace := range namespaces {
				for _, labels := range selectorsOf(port, service, namespace) {
					calls = append(calls, callOf(service, port, Workload{Namespace: namespace, Labels: labels}))
				}
			}
			for _, from := range accountsOf(service) {
				calls = append(calls, callOf(service, port, from))
			}
		}
	}
	for _, destination := range model.Destinations {
		if destination.Kind == egress.ExternalHost {
			calls = append(calls, callsOfHost(destination, seenFrom(destination.Visibility, plane, known))...)
		}
	}
	return calls
}

// seenFrom are the namespaces that see a name, of those that are known where it is for all.
func seenFrom(v egress.Visibility, plane egress.DataPlane, known []string) []string {
	if v.All() || plane != egress.DataPlaneSidecar {
		return known
	}
	return v.ExportTo
}

// callsOfHost are those of a host by its own name.
func callsOfHost(host *egress.Destination, namespaces []string) []Call {
	name := host.Host
	if host.IsWildcard() {
		name = "any" + strings.TrimPrefix(name, "*")
	}
	var calls []Call
	for _, port := range host.Ports {
		for _, namespace := range namespaces {
			calls = append(calls, Call{From: Workload{Namespace: namespace}, URL: urlOf(name, port.Number, port.Protocol)})
		}
	}
	return calls
}

func callOf(service *egress.Service, port *egress.Port, from Workload) Call {
	host := service.Name
	if from.namespace() != service.Namespace {
		host += "." + service.Namespace
	}
	call := Call{From: from, URL: urlOf(host, port.Number, port.Protocol)}
	if port.Protocol.IsTLS() { // workloads must ask for the name that the server has
		call.ServerName = service.ServerName
	}
	return call
}

// accountsOf are the workloads that may call by their service account.
func accountsOf(service *egress.Service) []Workload {
	if service.AllowFrom == nil {
		return nil
	}
	var all []Workload
	for _, account := range service.AllowFrom.ServiceAccounts {
		namespace, name, _ := strings.Cut(account, "/")
		all = append(all, Workload{Namespace: namespace, ServiceAccount: name})
	}
	return all
}

// namespacesOf are those of a model's services and hosts, and of objects, sorted.
func namespacesOf(model *egress.Model, objects []Object) []string {
	found := map[string]bool{}
	for _, service := range model.Services {
		found[service.Namespace] = true
	}
	for _, destination := range model.Destinations {
		if destination.Kind == egress.ExternalHost {
			found[destination.Namespace] = true
		}
	}
	for _, o := range objects {
		if namespace, ok := o.Value.(*corev1.Namespace); ok {
			found[namespace.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// selectorsOf are the labels of the workloads that a port has settings for: none first, then each selector. Selectors count
// in the namespace of the service alone.
func selectorsOf(port *egress.Port, service *egress.Service, namespace string) []map[string]string {
	all := []map[string]string{nil}
	if port.To == nil || namespace != service.Namespace {
		return all
	}
	for _, rule := range port.To.Rules {
		if rule.Selector != nil {
			all = append(all, rule.Selector)
		}
	}
	return all
}

// urlOf is how a workload calls a port of a host.
func urlOf(host string, number int, protocol egress.Protocol) string {
	scheme := "tcp"
	switch {
	case protocol == "GRPC" || protocol == "HTTP2":
		scheme = "grpc"
	case protocol.IsHTTP():
		scheme = "http"
	case protocol == "HTTPS":
		scheme = "https"
	case protocol.IsTLS():
		scheme = "tls"
	}
	if defaultPorts[scheme] != number {
		host = net.JoinHostPort(host, strconv.Itoa(number))
	}
	url := fmt.Sprintf("%s://%s", scheme, host)
	if scheme == "http" || scheme == "grpc" {
		url += "/"
	}
	return url
}
