package valuesgen

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// Sample returns values as a large platform has them, for benchmarks: the given number of entries of both kinds, with all TLS
// modes, and with names as different as real ones. The same number gives the same values.
func Sample(entries int) map[string]any {
	g := &sampler{rand.New(rand.NewPCG(uint64(entries), 1)), map[string]bool{}}
	var aliases, endpoints []any
	for i := range entries {
		if i%4 == 3 {
			endpoints = append(endpoints, g.endpointService())
		} else {
			aliases = append(aliases, g.externalNameService())
		}
	}
	values := map[string]any{"commonLabels": map[string]any{"team": "platform"}}
	if aliases != nil {
		values["externalNameServices"] = aliases
	}
	if endpoints != nil {
		values["endpointServices"] = endpoints
	}
	return values
}

var (
	purposes   = []string{"api", "payments", "search", "maps", "mail", "files", "images", "orders", "events", "auth"}
	topLevels  = []string{"com", "com", "com", "net", "io", "org", "co.uk", "de"}
	consonants = []string{"b", "br", "c", "d", "f", "g", "gl", "k", "l", "m", "n", "p", "pr", "r", "s", "st", "t", "tr", "v", "z"}
	vowels     = []string{"a", "e", "i", "o", "u", "ay", "ea", "io"}
)

func (g *sampler) pick(from []string) string { return from[g.IntN(len(from))] }

type sampler struct {
	*rand.Rand
	vendors map[string]bool
}

// vendor returns a name of its own, as companies have them: they compress no better than real ones.
func (g *sampler) vendor() string {
	for {
		var name strings.Builder
		for range 2 + g.IntN(3) {
			name.WriteString(g.pick(consonants) + g.pick(vowels))
		}
		if !g.vendors[name.String()] {
			g.vendors[name.String()] = true
			return name.String()
		}
	}
}

// service returns what both kinds have: a name in one of the teams' namespaces, and the host that it is called after.
func (g *sampler) service() (entry map[string]any, host string) {
	vendor, purpose := g.vendor(), g.pick(purposes)
	return map[string]any{
		"name":      vendor + "-" + purpose,
		"namespace": fmt.Sprintf("team-%d", g.IntN(20)),
	}, fmt.Sprintf("%s.%s.%s", purpose, vendor, g.pick(topLevels))
}

// externalNameService leads to a host of its own, in one of the ways that teams choose.
func (g *sampler) externalNameService() map[string]any {
	entry, host := g.service()
	entry["externalName"] = host
	switch g.IntN(4) {
	case 0: // the workload sends TLS
		entry["ports"] = []any{port("https", 443, 0)}
		entry["tls"] = map[string]any{"mode": "DISABLE"}
	case 1: // plain HTTP to the sidecar, TLS to the server
		entry["ports"] = []any{port("http", 80, 443)}
		entry["tls"] = map[string]any{"mode": "SIMPLE"}
	case 2: // a client certificate for some workloads
		entry["ports"] = []any{port("http", 80, 8443)}
		entry["workloadSelector"] = map[string]any{"matchLabels": map[string]any{"app": g.pick(purposes)}}
		entry["tls"] = map[string]any{"mode": "MUTUAL", "credentialName": entry["name"].(string) + "-client"}
		entry["exportTo"] = []any{"."}
	case 3: // both
		entry["ports"] = []any{port("http", 80, 443), port("https", 443, 0)}
		entry["ports"].([]any)[1].(map[string]any)["tls"] = map[string]any{"mode": "DISABLE"}
		entry["tls"] = map[string]any{"mode": "SIMPLE"}
		entry["exportTo"] = []any{"."}
	}
	return entry
}

func (g *sampler) endpointService() map[string]any {
	entry, host := g.service()
	entry["addresses"] = []any{g.address(), g.address()}
	if g.IntN(2) == 0 {
		entry["ports"] = []any{port("tls", 443, 0)}
		entry["tls"] = map[string]any{"mode": "DISABLE"}
		return entry
	}
	entry["ports"] = []any{port("http", 80, 443)}
	entry["serverName"] = host
	entry["tls"] = map[string]any{"mode": "SIMPLE"}
	return entry
}

func port(name string, number, target int) map[string]any {
	p := map[string]any{"name": name, "port": float64(number)}
	if target != 0 {
		p["targetPort"] = float64(target)
	}
	return p
}

// address returns a public IPv4 address.
func (g *sampler) address() string {
	return fmt.Sprintf("%d.%d.%d.%d", 50+g.IntN(50), g.IntN(256), g.IntN(256), 1+g.IntN(254))
}

// SampleHosts returns an allow-list as a large platform has it: the given number of entries of externalHosts, each of a vendor of
// its own: one to five exact hosts, or, every eighth, a wildcard.
func SampleHosts(entries int) map[string]any {
	g := &sampler{rand.New(rand.NewPCG(uint64(entries), 2)), map[string]bool{}}
	hosts := make([]any, entries)
	for i := range hosts {
		hosts[i] = g.externalHosts(i%8 == 7)
	}
	return map[string]any{"commonLabels": map[string]any{"team": "platform"}, "externalHosts": hosts}
}

// externalHosts are those of one vendor: mostly for TLS of the workloads, a tenth with TLS of the mesh.
func (g *sampler) externalHosts(wildcard bool) map[string]any {
	entry, host := g.service()
	_, domain, _ := strings.Cut(host, ".")
	entry["tls"] = map[string]any{"mode": "DISABLE"}
	entry["ports"] = []any{port("https", 443, 0)}
	if wildcard {
		entry["hosts"] = []any{"*." + domain}
		return entry
	}
	hosts := []any{host}
	for i := range g.IntN(5) {
		hosts = append(hosts, fmt.Sprintf("%s-%d.%s", g.pick(purposes), i, domain))
	}
	entry["hosts"] = hosts
	if g.IntN(10) == 0 { // plain HTTP to the sidecar, TLS to the server
		entry["ports"] = []any{port("http", 80, 443)}
		entry["tls"] = map[string]any{"mode": "SIMPLE"}
	}
	return entry
}
