package lint

import (
	"fmt"
	"slices"

	"github.com/istio-egress/istio-egress/egress"
)

// listeners are the ports at addresses of all releases, by address and number: sidecars tell calls of TCP and TLS there apart by
// these alone. Within a release the chart refuses two hosts at one, as tcp-address-twice.
type listeners map[string][]listeningPort

type listeningPort struct {
	declaredHost
	port *egress.DestinationPort
}

// add compares the ports of a host with those of other hosts, in other releases, that one namespace sees with it.
func (l listeners) add(host declaredHost) []Finding {
	if host.Host != host.Server { // a closed service, whose address is its own
		return nil
	}
	var findings []Finding
	for _, port := range host.Ports {
		added := listeningPort{host, port}
		met := false
		for _, address := range host.Addresses {
			key := fmt.Sprintf("%s %d", address, port.Number)
			others := limit(l[key], maxCompared)
			if i := slices.IndexFunc(others, added.meets); i >= 0 && !met {
				met = true
				findings = append(findings, added.atOneAddress(others[i], address))
			}
			l[key] = append(l[key], added)
		}
	}
	return findings
}

// meets tells whether a namespace sees both, and one of them takes the calls of the other. HTTP ports of two hosts share a
// listener, and the host of the request tells them apart.
func (p listeningPort) meets(other listeningPort) bool {
	return p.release != other.release && p.Host != other.Host && (!p.port.Protocol.IsHTTP() || !other.port.Protocol.IsHTTP()) &&
		len(p.SeenWith(other.Visibility)) > 0
}

func (p listeningPort) atOneAddress(other listeningPort, address string) Finding {
	return conflict(idHostConflict, p.release, p.port.Path, other.release, other.port.Path,
		fmt.Sprintf("port %d at %s is also that of %s in release %s, and such calls are told apart by address and port alone: declare one of them, use other ports, or limit both with exportTo", p.port.Number, address, other.Host, other.release.Label))
}
