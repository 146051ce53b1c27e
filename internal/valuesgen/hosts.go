package valuesgen

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Hosts returns valid values with the given number of entries of externalHosts, and none of others.
func Hosts(random *rand.Rand, entries int) map[string]any {
	g, values := newGenerator(random), map[string]any{}
	if g.chance(4) {
		g.dnsCapture = true
		values["dnsCapture"] = true
	}
	var hosts []any
	for range entries {
		hosts = append(hosts, g.externalHosts())
	}
	g.collection(values, "externalHosts", hosts)
	return values
}

// externalHosts makes an entry of hosts that are called by their own names, and that no other entry has.
func (g *generator) externalHosts() map[string]any {
	entry, _ := g.service()
	vendor := fmt.Sprintf("%s-%d.vendor.example", g.pick(words...), g.IntN(1_000_000))
	hosts := []any{"api." + vendor}
	for i := range g.IntN(4) {
		hosts = append(hosts, fmt.Sprintf("%s-%d.%s", g.pick(words...), i, vendor))
	}
	g.visibility(entry)
	if g.chance(3) {
		hosts = append(hosts, "*.cdn."+vendor, "*."+vendor)[g.IntN(len(hosts)):]
		g.wildcardPorts(entry)
	} else {
		g.exactPorts(entry, len(hosts) == 1 || g.dnsCapture)
		g.maybe(entry, 5, "trafficPolicy", g.trafficPolicy())
	}
	entry["hosts"] = hosts
	g.metadata(entry)
	g.direct(entry)
	return entry
}

// wildcardPorts are those on which calls name their host, as the workload sends them.
func (g *generator) wildcardPorts(entry map[string]any) {
	entry["tls"] = map[string]any{"mode": "DISABLE"}
	g.portsOf(entry, slices.Concat(httpNames, tlsNames))
	for _, port := range entry["ports"].([]any) {
		delete(port.(map[string]any), "targetPort")
	}
}

// exactPorts are any, as far as the hosts are told apart.
func (g *generator) exactPorts(entry map[string]any, apart bool) {
	names := slices.Concat(httpNames, tlsNames)
	if apart {
		names = append(names, opaqueNames...)
	}
	mode := g.pick("DISABLE", "DISABLE", "SIMPLE", "MUTUAL")
	entry["tls"] = map[string]any{"mode": mode}
	switch mode {
	case "SIMPLE":
		names = httpNames
		g.maybe(entry["tls"].(map[string]any), 3, "caCertificates", "/etc/certs/ca.pem")
	case "MUTUAL":
		names = httpNames
		entry["tls"] = map[string]any{"mode": mode, "clientCertificate": "/etc/certs/tls.crt", "privateKey": "/etc/certs/tls.key"}
	}
	g.portsOf(entry, names)
	if g.needsAddresses(entry) && !g.dnsCapture {
		g.freeAddresses(entry)
	}
}

// portsOf adds ports of some of the protocols.
func (g *generator) portsOf(entry map[string]any, protocols []string) {
	var ports []any
	used := map[int]bool{}
	for range 1 + g.IntN(3) {
		protocol, number := g.pick(protocols...), g.freePort(used)
		for number == 443 && slices.Contains(httpNames, protocol) {
			number = g.freePort(used)
		}
		ports = append(ports, g.port(protocol, number, entry["tls"].(map[string]any)["mode"].(string)))
	}
	entry["ports"] = ports
}
