//go:build e2e

package mesh

import (
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// unknownAddress is what a name of the internet resolves to that no object
// gives an address.
const unknownAddress = "203.0.113.1"

const clusterDomain = "cluster.local"

// Names is the cluster's DNS: the IP of each Service, the target of each
// ExternalName Service and the addresses of external hosts.
type Names struct {
	addresses map[string]string
	targets   map[string]string
	services  map[string]string // by cluster IP
}

// NewNames reads the names that the objects define.
func NewNames(objects Objects) Names {
	n := Names{addresses: map[string]string{}, targets: map[string]string{}, services: map[string]string{}}
	for _, service := range objects.Of("Service") {
		name := strings.Join([]string{service.GetName(), service.GetNamespace(), "svc", clusterDomain}, ".")
		if target, ok, _ := unstructured.NestedString(service.Object, "spec", "externalName"); ok {
			n.targets[name] = target
		}
		if ip, ok, _ := unstructured.NestedString(service.Object, "spec", "clusterIP"); ok {
			n.addresses[name] = ip
			n.services[ip] = service.GetName() + "." + service.GetNamespace()
		}
	}
	for _, entry := range objects.Of("ServiceEntry") {
		hosts, _, _ := unstructured.NestedStringSlice(entry.Object, "spec", "hosts")
		addresses, _, _ := unstructured.NestedStringSlice(entry.Object, "spec", "addresses")
		for _, host := range hosts {
			if _, known := n.addresses[host]; !known && len(addresses) > 0 {
				n.addresses[host] = addresses[0]
			}
		}
	}
	return n
}

// describe names a cluster IP after its Service, as no two clusters give the same.
func (n Names) describe(address string) string {
	if service, ok := n.services[address]; ok {
		return "the cluster IP of " + service
	}
	return address
}

// resolve looks a name up as a pod of the namespace does: through the search
// list of its resolv.conf, following ExternalName Services.
func (n Names) resolve(name, namespace string) string {
	for range 8 {
		full := n.search(name, namespace)
		if target, ok := n.targets[full]; ok {
			name = target
			continue
		}
		if address, ok := n.addresses[full]; ok {
			return address
		}
		break
	}
	return unknownAddress
}

func (n Names) search(name, namespace string) string {
	suffixes := []string{"", "." + namespace + ".svc." + clusterDomain, ".svc." + clusterDomain, "." + clusterDomain}
	for _, suffix := range suffixes {
		full := strings.TrimSuffix(name, ".") + suffix
		_, target := n.targets[full]
		_, address := n.addresses[full]
		if target || address {
			return full
		}
	}
	return name
}
