// Package sample makes values for benchmarks: many entries of both kinds, with all TLS modes, that the chart accepts.
package sample

import (
	"fmt"
	"math/rand/v2"
)

// Values returns values with the given number of entries. The same number gives the same values.
func Values(entries int) map[string]any {
	random := rand.New(rand.NewPCG(uint64(entries), 1))
	var aliases, endpoints []any
	for i := range entries {
		if i%4 == 3 {
			endpoints = append(endpoints, endpointService(random, i))
		} else {
			aliases = append(aliases, externalNameService(random, i))
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
	words   = []string{"payments", "billing", "search", "maps", "mail", "ledger", "images", "orders", "events", "auth"}
	domains = []string{"example.com", "example.org", "api.example.net", "partner.example.io"}
)

func pick(random *rand.Rand, from []string) string { return from[random.IntN(len(from))] }

// externalNameService leads to a host of its own, in one of the ways that teams choose.
func externalNameService(random *rand.Rand, i int) map[string]any {
	entry := map[string]any{
		"name":         fmt.Sprintf("%s-%d", pick(random, words), i),
		"namespace":    fmt.Sprintf("team-%d", random.IntN(20)),
		"externalName": fmt.Sprintf("%s-%d.%s", pick(random, words), i, pick(random, domains)),
	}
	switch random.IntN(4) {
	case 0: // the workload sends TLS
		entry["ports"] = []any{port("https", 443, 0)}
		entry["tls"] = map[string]any{"mode": "DISABLE"}
	case 1: // plain HTTP to the sidecar, TLS to the server
		entry["ports"] = []any{port("http", 80, 443)}
		entry["tls"] = map[string]any{"mode": "SIMPLE"}
	case 2: // a client certificate for some workloads
		entry["ports"] = []any{port("http", 80, 8443)}
		entry["workloadSelector"] = map[string]any{"matchLabels": map[string]any{"app": pick(random, words)}}
		entry["tls"] = map[string]any{"mode": "MUTUAL", "credentialName": fmt.Sprintf("client-%d", i)}
	case 3: // both
		entry["ports"] = []any{port("http", 80, 443), port("https", 443, 0)}
		entry["ports"].([]any)[1].(map[string]any)["tls"] = map[string]any{"mode": "DISABLE"}
		entry["tls"] = map[string]any{"mode": "SIMPLE"}
		entry["exportTo"] = []any{"."}
	}
	return entry
}

func endpointService(random *rand.Rand, i int) map[string]any {
	entry := map[string]any{
		"name":      fmt.Sprintf("%s-%d", pick(random, words), i),
		"namespace": fmt.Sprintf("team-%d", random.IntN(20)),
		"addresses": []any{address(i, 1), address(i, 2)},
	}
	if random.IntN(2) == 0 {
		entry["ports"] = []any{port("tls", 443, 0)}
		entry["tls"] = map[string]any{"mode": "DISABLE"}
		return entry
	}
	entry["ports"] = []any{port("http", 80, 443)}
	entry["serverName"] = fmt.Sprintf("%s-%d.%s", pick(random, words), i, pick(random, domains))
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
func address(i, host int) string {
	return fmt.Sprintf("%d.%d.%d.%d", 50+i/65536%50, i/256%256, i%256, host)
}
