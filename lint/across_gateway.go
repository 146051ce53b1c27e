package lint

import (
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
)

const (
	idGatewayOtherwise   = "release-gateway-otherwise"
	idAllowFromOtherwise = "allow-from-otherwise"
)

// acrossGateways finds where releases that share an egress gateway are in each other's way.
func acrossGateways(releases []*loadedRelease) []Finding {
	var findings []Finding
	known := map[string]declaredGateway{}
	for _, release := range releases {
		for _, gateway := range release.model.Gateways {
			findings = append(findings, checkGatewayOtherwise(known, declaredGateway{release, gateway})...)
		}
	}
	findings = append(findings, checkGatewayService(known, releases)...)
	return append(findings, checkAllowFromOtherwise(releases)...)
}

type declaredGateway struct {
	release *loadedRelease
	*egress.Gateway
}

// checkGatewayOtherwise reports a gateway of two releases that know its pods by other labels: servers and policies of one of them
// may be those of other pods, or of none.
func checkGatewayOtherwise(known map[string]declaredGateway, gateway declaredGateway) []Finding {
	other, taken := known[gateway.ID()]
	if !taken {
		known[gateway.ID()] = gateway
		return nil
	}
	if maps.Equal(gateway.Selector, other.Selector) {
		return nil
	}
	const path = "egressGateway.selector"
	finding := conflict(idGatewayOtherwise, gateway.release, path, other.release, path,
		fmt.Sprintf("release %s knows the pods of gateway %s by %s, and servers and policies of one of the two may not be those of its pods: write the same selector in both",
			other.release.Label, gateway.ID(), labelText(other.Selector)))
	finding.Severity = Warning
	return []Finding{finding}
}

// checkGatewayService reports a release that renders the Service of a gateway which another release passes: calls to the gateway
// would lead to what the entry declares. Within a release the chart refuses it.
func checkGatewayService(known map[string]declaredGateway, releases []*loadedRelease) []Finding {
	var findings []Finding
	for _, release := range releases {
		for _, service := range release.model.Services {
			gateway, taken := known[service.ID()]
			if !taken || gateway.release == release {
				continue
			}
			findings = append(findings, conflict(idObjectTwice, release, service.Path, gateway.release, "egressGateway",
				fmt.Sprintf("Service %s is the egress gateway that entries of release %s pass: give the entry another name or namespace", service.ID(), gateway.release.Label)))
		}
	}
	return findings
}

// declaredCallers are who may call, by an entry.
type declaredCallers struct {
	release *loadedRelease
	service *egress.Service
}

// checkAllowFromOtherwise reports a server that one entry limits to some callers, and another leaves to everybody: by a gateway
// or directly, as allowFrom is about a local name.
func checkAllowFromOtherwise(releases []*loadedRelease) []Finding {
	limited := map[string]declaredCallers{}
	var others []declaredCallers
	for _, release := range releases {
		for _, service := range release.model.Services {
			declared := declaredCallers{release, service}
			switch {
			case service.AllowFrom == nil:
				others = append(others, declared)
			case declared.names() != "": // the chart refuses to allow nobody
				for _, server := range serversOf(service) {
					limited[server] = declared
				}
			}
		}
	}
	var findings []Finding
	for _, other := range others {
		servers := serversOf(other.service)
		if i := slices.IndexFunc(servers, func(server string) bool { return limited[server].service != nil }); i >= 0 {
			findings = append(findings, limited[servers[i]].openedBy(other.release, other.service, servers[i]))
		}
	}
	return findings
}

// names are those who may call.
func (l declaredCallers) names() string {
	return strings.Join(slices.Concat(l.service.AllowFrom.Namespaces, l.service.AllowFrom.ServiceAccounts), ", ")
}

func (l declaredCallers) openedBy(release *loadedRelease, service *egress.Service, server string) Finding {
	finding := conflict(idAllowFromOtherwise, release, service.Path, l.release, l.service.Path+".allowFrom",
		fmt.Sprintf("everybody may call %s as %s, and only %s as %s%s: give both the same allowFrom, or keep one of them",
			server, service.ID(), l.names(), l.service.ID(), ofRelease(l.release, release)))
	finding.Severity = Warning
	return finding
}

func ofRelease(other, own *loadedRelease) string {
	if other == own {
		return ""
	}
	return " of release " + other.Label
}

// serversOf are the servers and ports outside the mesh that a service leads to.
func serversOf(service *egress.Service) []string {
	if service.InCluster {
		return nil
	}
	var servers []string
	for _, port := range service.Ports {
		if port.To == nil {
			continue
		}
		hosts := port.To.Destination.Addresses
		if service.Kind == egress.ExternalNameService {
			hosts = []string{service.ExternalName}
		}
		for _, host := range hosts {
			servers = append(servers, net.JoinHostPort(host, strconv.Itoa(port.TargetPort)))
		}
	}
	return servers
}
