package valuesgen

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

var (
	httpNames   = []string{"http", "http2", "grpc", "grpc-web"}
	tlsNames    = []string{"https", "tls"}
	opaqueNames = []string{"tcp", "mongo", "mysql", "redis"}
	// originatedNames are those whose servers take TLS from the first byte.
	originatedNames = []string{"tcp", "mongo", "redis"}
)

// plan chooses the entry's TLS: what the sidecar originates, or DISABLE.
func (g *generator) plan(entry map[string]any) string {
	mode := g.pick("DISABLE", "SIMPLE", "SIMPLE", "MUTUAL")
	entry["tls"] = g.tls(entry, mode)
	return mode
}

// tls makes a block of the mode, for the entry or one of its ports.
func (g *generator) tls(entry map[string]any, mode string) map[string]any {
	tls := map[string]any{"mode": mode}
	switch mode {
	case "SIMPLE":
		g.simple(entry, tls)
	case "MUTUAL":
		g.mutual(entry, tls)
	}
	if mode != "DISABLE" {
		g.maybe(tls, 6, "sni", "sni.example.com")
	}
	return tls
}

func (g *generator) simple(entry, tls map[string]any) {
	switch g.IntN(6) {
	case 0:
		tls["insecureSkipVerify"] = true
	case 1:
		tls["caCertificates"] = "/etc/certs/ca.pem"
		g.maybe(tls, 2, "caCrl", "/etc/certs/revoked.pem")
	case 2:
		tls["subjectAltNames"] = []any{"www.example.com", "example.com"}
	case 3:
		namespace, _ := entry["namespace"].(string)
		tls["credentialName"] = fmt.Sprintf("configmap://%s/ca-%s", cmp.Or(namespace, "default"), g.pick(words...))
	}
}

func (g *generator) mutual(entry, tls map[string]any) {
	if g.chance(2) {
		tls["clientCertificate"] = "/etc/certs/tls.crt"
		tls["privateKey"] = "/etc/certs/tls.key"
		return
	}
	tls["credentialName"] = "client-" + g.pick(words...)
	entry["workloadSelector"] = map[string]any{"matchLabels": map[string]any{"app": g.pick(words...)}}
}

// ports adds ports that go with the entry's TLS mode; ports of other protocols have a mode of their own.
func (g *generator) ports(entry map[string]any, mode string) {
	var ports []any
	used := map[int]bool{}
	for i := range 1 + g.IntN(3) {
		number := g.freePort(used)
		names := slices.Concat(httpNames, originatedNames)
		if mode == "DISABLE" {
			names = slices.Concat(httpNames, opaqueNames, tlsNames)
		}
		if i > 0 && g.chance(3) {
			names = tlsNames
		}
		protocol := g.pick(names...)
		if number == 443 && slices.Contains(httpNames, protocol) {
			number = g.freePort(used)
			for number == 443 {
				number = g.freePort(used)
			}
		}
		port := g.port(protocol, number, mode)
		if mode != "DISABLE" && port["tls"] == nil && g.chance(6) {
			port["tls"] = g.tls(entry, g.pick("DISABLE", "SIMPLE", "MUTUAL"))
		}
		ports = append(ports, port)
	}
	entry["ports"] = ports
}

// reservedPorts are those on which every sidecar listens itself.
var reservedPorts = []int{15001, 15006, 15021, 15090}

func (g *generator) freePort(used map[int]bool) int {
	for {
		number := []int{80, 443, 8080, 8443, 5432, 1 + g.IntN(65535)}[g.IntN(6)]
		if !used[number] && !slices.Contains(reservedPorts, number) {
			used[number] = true
			return number
		}
	}
}

func (g *generator) port(protocol string, number int, mode string) map[string]any {
	port := map[string]any{"name": fmt.Sprintf("%s-%d", protocol, number), "port": float64(number)}
	if protocol != "grpc-web" && g.chance(5) {
		port["name"] = fmt.Sprintf("port-%d", number)
		port["appProtocol"] = protocol
	}
	encrypted := slices.Contains(tlsNames, protocol)
	if encrypted && mode != "DISABLE" {
		port["tls"] = map[string]any{"mode": "DISABLE"}
	}
	switch {
	case slices.Contains(httpNames, protocol) && mode != "DISABLE":
		port["targetPort"] = float64([]int{443, 8443}[g.IntN(2)])
	case g.chance(5):
		port["targetPort"] = g.number(1024, 65535)
	}
	return port
}

func prefixOf(port map[string]any) string {
	declared, ok := port["appProtocol"].(string)
	if !ok {
		declared = port["name"].(string)
	}
	if strings.HasPrefix(declared, "grpc-web") {
		return "grpc-web"
	}
	prefix, _, _ := strings.Cut(declared, "-")
	return prefix
}

func (g *generator) needsAddresses(entry map[string]any) bool {
	return slices.ContainsFunc(entry["ports"].([]any), func(port any) bool {
		return slices.Contains(opaqueNames, prefixOf(port.(map[string]any)))
	})
}

// freeAddresses gives the entry addresses at which no other host listens.
func (g *generator) freeAddresses(entry map[string]any) {
	for {
		addresses := g.addresses(1 + g.IntN(2))
		free := true
		for _, address := range addresses {
			free = free && !g.listeners[address.(string)]
		}
		if !free {
			continue
		}
		for _, address := range addresses {
			g.listeners[address.(string)] = true
		}
		entry["addresses"] = addresses
		return
	}
}

// addresses are different ones of both families, which an API server takes as endpoints.
func (g *generator) addresses(count int) []any {
	var all []any
	for len(all) < count {
		address := fmt.Sprintf("%d.%d.%d.%d", 11+g.IntN(89), g.IntN(256), g.IntN(256), 1+g.IntN(254))
		if g.chance(3) {
			address = fmt.Sprintf("2001:db8:%x::%x", 1+g.IntN(65535), 1+g.IntN(65535))
		}
		if !slices.Contains(all, any(address)) {
			all = append(all, address)
		}
	}
	return all
}
