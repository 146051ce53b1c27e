package lint

import (
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/istio-egress/istio-egress/egress"
)

const idTwoLabels = "external-name-two-labels"

// usualNamespaces are top-level domains of the Internet that clusters have as namespaces too.
var usualNamespaces = map[string]bool{"app": true, "dev": true, "prod": true, "test": true, "security": true, "cloud": true}

// checkTwoLabels reports open aliases of hosts with two labels, and such hosts by their own names, where the second may be a namespace: calls of that
// namespace's service, by its short name, would leave the mesh.
func checkTwoLabels(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	for _, service := range release.model.Services {
		name, last, found := strings.Cut(service.ExternalName, ".")
		if service.Form != egress.FormOpen || service.InCluster || !found || strings.Contains(last, ".") || publicDomain(last) {
			continue
		}
		findings = append(findings, warning(idTwoLabels, at(service.Path, "externalName"),
			"%q is also how workloads call a service %q of a namespace %q, if there is one, and those calls would leave the mesh: set serviceType: ClusterIP", service.ExternalName, name, last).
			suggesting(at(service.Path, "serviceType"), "ClusterIP"))
	}
	for _, host := range release.model.Destinations {
		name, last, _ := strings.Cut(host.Host, ".")
		if host.Kind != egress.ExternalHost || host.IsWildcard() || strings.Contains(last, ".") || publicDomain(last) || !hasHTTP(host) {
			continue
		}
		findings = append(findings, warning(idTwoLabels, at(host.Path, "hosts"),
			"%q is also how workloads call a service %q of a namespace %q, if there is one, and those calls would leave the mesh: declare it under externalNameServices, with serviceType: ClusterIP", host.Host, name, last))
	}
	return findings
}

func hasHTTP(host *egress.Destination) bool {
	return slices.ContainsFunc(host.Ports, func(port *egress.DestinationPort) bool { return port.Protocol.IsHTTP() })
}

// publicDomain tells whether a label is a top-level domain that hardly anybody calls a namespace.
func publicDomain(label string) bool {
	suffix, known := publicsuffix.PublicSuffix(label)
	return known && suffix == label && !usualNamespaces[label]
}
