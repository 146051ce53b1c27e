//go:build e2e

package simulation

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

func selectorOf(object mesh.Object) map[string]string {
	labels, _, _ := unstructured.NestedStringMap(object.Object, "spec", "workloadSelector", "matchLabels")
	return labels
}

// called is a name with its ports.
type called struct {
	host  string
	ports []int
}

// callsOf are calls of each name of the objects on each of its ports, in every protocol, right or wrong; of each name on a port that it
// does not have, and of a host that nothing declares on every port.
func callsOf(objects mesh.Objects) []explain.Call {
	const undeclared = "undeclared.example"
	all := map[int]bool{4711: true}
	var calls []explain.Call
	for _, name := range calledOf(objects) {
		for _, port := range append(name.ports, 4711) {
			all[port] = true
			calls = append(calls, callsTo(name.host, port)...)
		}
	}
	for _, port := range slices.Sorted(maps.Keys(all)) {
		calls = append(calls, callsTo(undeclared, port)...)
	}
	return calls
}

func calledOf(objects mesh.Objects) []called {
	var names []called
	for _, service := range objects.Of("Service") {
		ports := numbers(service, "port")
		short := service.GetName() + "." + service.GetNamespace()
		names = append(names, called{service.GetName(), ports}, called{short, ports}, called{short + ".svc.cluster.local", ports})
	}
	for _, entry := range objects.Of("ServiceEntry") {
		hosts, _, _ := unstructured.NestedStringSlice(entry.Object, "spec", "hosts")
		for _, host := range hosts {
			names = append(names, called{strings.Replace(host, "*", "any", 1), numbers(entry, "number")})
		}
	}
	return names
}

func numbers(object mesh.Object, field string) []int {
	ports, _, _ := unstructured.NestedSlice(object.Object, "spec", "ports")
	var all []int
	for _, port := range ports {
		switch number := port.(map[string]any)[field].(type) {
		case int64:
			all = append(all, int(number))
		case float64:
			all = append(all, int(number))
		}
	}
	return all
}

func callsTo(host string, port int) []explain.Call {
	authority := fmt.Sprintf("%s:%d", host, port)
	var calls []explain.Call
	for _, scheme := range []string{"http", "grpc", "https", "tls", "tcp"} {
		call := explain.Call{URL: scheme + "://" + authority}
		if call.URL == "http://"+host+":80" { // as clients write it
			call.URL = "http://" + host
		}
		if scheme == "grpc" {
			call.Header = http.Header{"Host": {authority}}
		}
		calls = append(calls, call)
	}
	return calls
}

// simulatedURL is a URL as package mesh reads it.
func simulatedURL(url string) string { return strings.Replace(url, "grpc://", "h2c://", 1) }
