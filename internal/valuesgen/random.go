package valuesgen

import (
	"fmt"
	"math/rand/v2"
	"slices"
)

// Random returns values with the given number of entries of all kinds that the chart accepts: aliases that share a host,
// all TLS modes, every protocol, selectors, visibility, list and map form, and nulls where they mean "unset".
func Random(random *rand.Rand, entries int) map[string]any {
	return generate(random, entries, false)
}

// ThroughGateway returns such values with an egress gateway, which many of the entries pass.
func ThroughGateway(random *rand.Rand, entries int) map[string]any {
	return generate(random, entries, true)
}

func generate(random *rand.Rand, entries int, gateway bool) map[string]any {
	g := newGenerator(random)
	if g.chance(4) {
		g.exportTo = []any{"."}
	}
	values := map[string]any{}
	if g.chance(4) {
		g.dnsCapture = true
		values["dnsCapture"] = true
	}
	g.egressGateway(values, gateway)
	var aliases, endpoints, hosts []any
	for range entries {
		switch {
		case g.chance(3):
			endpoints = append(endpoints, g.endpointService())
		case g.chance(6):
			hosts = append(hosts, g.externalHosts())
		default:
			aliases = append(aliases, g.externalNameService())
		}
	}
	g.maybe(values, 4, "commonLabels", map[string]any{"team": "platform", "example.com/tier": "edge"})
	g.maybe(values, 4, "commonAnnotations", map[string]any{"example.com/owner": "Platform team <platform@example.com>"})
	g.maybe(values, 4, "endpointsKind", g.pick("EndpointSlice", "ServiceEntry", "Endpoints"))
	g.maybe(values, 8, "clusterDomain", "cluster.local")
	if g.exportTo != nil {
		values["exportTo"] = g.exportTo
	}
	g.collection(values, "externalNameServices", aliases)
	g.collection(values, "endpointServices", endpoints)
	g.collection(values, "externalHosts", hosts)
	return values
}

func newGenerator(random *rand.Rand) *generator {
	return &generator{Rand: random, names: map[string]bool{}, hosts: map[string]map[string]any{}, homes: map[string]string{}, listeners: map[string]bool{}}
}

type generator struct {
	*rand.Rand
	exportTo   []any                     // the top level's
	gateway    bool                      // the top level has an egress gateway
	identity   bool                      // the gateway is known by one, and nothing is rendered in its namespace
	through    any                       // the top level's default
	dnsCapture bool                      // the top level's
	names      map[string]bool           // namespace/name in use
	hosts      map[string]map[string]any // by host: the fields that all its aliases share
	homes      map[string]string         // by host: the namespace of its aliases
	listeners  map[string]bool           // addresses in use
}

func (g *generator) chance(oneIn int) bool { return g.IntN(oneIn) == 0 }

func (g *generator) pick(from ...string) string { return from[g.IntN(len(from))] }

// maybe sets a field in one of so many cases, and now and then to null.
func (g *generator) maybe(fields map[string]any, oneIn int, name string, value any) {
	switch {
	case g.chance(oneIn):
		fields[name] = value
	case g.chance(20):
		fields[name] = nil
	}
}

// collection adds entries as a list, or as a map by name where every name occurs once.
func (g *generator) collection(values map[string]any, name string, entries []any) {
	if len(entries) == 0 {
		if g.chance(3) {
			values[name] = []any{nil, map[string]any{}, nil}[g.IntN(2)]
		}
		return
	}
	byName := map[string]any{}
	for _, entry := range entries {
		byName[entry.(map[string]any)["name"].(string)] = entry
	}
	if len(byName) < len(entries) || g.chance(2) {
		values[name] = entries
		return
	}
	for _, entry := range byName {
		if g.chance(2) {
			delete(entry.(map[string]any), "name")
		}
	}
	if g.chance(4) {
		byName["removed"] = nil
	}
	values[name] = byName
}

var (
	words      = []string{"payments", "billing", "search", "maps", "mail", "ledger", "images", "orders", "events", "auth", "no", "null", "on"}
	domains    = []string{"example.com", "example.org", "api.example.net", "xn--bcher-kva.example", "a-b.c-d.example.io"}
	namespaces = []string{"default", "team-a", "team-b", "payments", "0-prod"}
)

// service returns the fields of all kinds: a name that is free in its namespace.
func (g *generator) service() (entry map[string]any, namespace string) {
	for {
		namespace = g.pick(namespaces...)
		name := fmt.Sprintf("%s-%d", g.pick(words...), g.IntN(10_000))
		if key := namespace + "/" + name; !g.names[key] {
			g.names[key] = true
			entry = map[string]any{"name": name}
			break
		}
	}
	if namespace != "default" || g.chance(2) {
		entry["namespace"] = namespace
	}
	return entry, namespace
}

func (g *generator) externalNameService() map[string]any {
	entry, namespace := g.service()
	if g.chance(10) {
		return g.inCluster(entry)
	}
	host := fmt.Sprintf("%s.%s", g.pick(words...), g.pick(domains...))
	if g.chance(2) {
		host = fmt.Sprintf("%s-%d.%s", g.pick(words...), g.IntN(10_000), g.pick(domains...))
	}
	entry["externalName"] = host
	if g.chance(2) {
		g.closed(entry, host)
	} else {
		g.open(entry, namespace, host)
	}
	g.requests(entry)
	return entry
}

// closed makes an entry that is by itself, whatever others say of its host.
func (g *generator) closed(entry map[string]any, host string) {
	plan := g.plan(entry)
	g.ports(entry, plan)
	if plan == "DISABLE" || g.chance(3) || isPlaintext(entry) {
		entry["serviceType"] = "ClusterIP"
	}
	if g.chance(5) {
		entry["serverName"] = "www." + host
	}
	g.visibility(entry)
	g.metadata(entry)
	g.maybe(entry, 5, "trafficPolicy", g.trafficPolicy())
	g.leave(entry)
}

// isPlaintext tells whether no port is encrypted: each has a mode of its own then.
func isPlaintext(entry map[string]any) bool {
	return !slices.ContainsFunc(entry["ports"].([]any), func(port any) bool {
		tls, ok := port.(map[string]any)["tls"].(map[string]any)
		return !ok || tls["mode"] != "DISABLE"
	})
}

// open makes an alias, which agrees with all others of its host; those are in one namespace.
func (g *generator) open(entry map[string]any, namespace, host string) {
	for g.homes[host] != "" && g.homes[host] != namespace {
		host = fmt.Sprintf("%s-%d.example.com", g.pick(words...), g.IntN(10_000))
	}
	g.homes[host] = namespace
	entry["externalName"] = host
	shared := g.hosts[host]
	if shared == nil {
		shared = g.sharedByHost(host, namespace)
		g.hosts[host] = shared
	}
	for name, value := range shared {
		entry[name] = clone(value)
	}
	g.direct(entry)
}

// requests sets what is for HTTP alone, where a port has a Host header that the sidecar can read.
func (g *generator) requests(entry map[string]any) {
	http := slices.ContainsFunc(entry["ports"].([]any), func(port any) bool {
		return slices.Contains(httpNames, prefixOf(port.(map[string]any)))
	})
	if !http {
		return
	}
	if entry["externalName"] != nil || entry["serverName"] != nil {
		g.maybe(entry, 5, "rewriteHost", g.chance(2))
	}
	g.maybe(entry, 5, "timeout", g.pick("30s", "1m30s", "250ms"))
	g.maybe(entry, 5, "keepMeshHeaders", g.chance(2))
	g.maybe(entry, 5, "retries", []any{
		map[string]any{"attempts": 0.0},
		map[string]any{"attempts": g.number(1, 5), "perTryTimeout": "2s"},
		map[string]any{"attempts": g.number(1, 5), "retryOn": "connect-failure,refused-stream,503"},
	}[g.IntN(3)])
}

// inCluster is the way back from external to local: a Service alone.
func (g *generator) inCluster(entry map[string]any) map[string]any {
	entry["externalName"] = fmt.Sprintf("%s.%s.svc.cluster.local", g.pick(words...), g.pick(namespaces...))
	entry["ports"] = []any{map[string]any{"name": "http", "port": g.number(1, 65535)}}
	return entry
}

// sharedByHost are the fields that all aliases of a host must agree on.
func (g *generator) sharedByHost(host, namespace string) map[string]any {
	entry := map[string]any{"serviceType": "ExternalName", "namespace": namespace}
	g.visibility(entry)
	plan := g.plan(entry)
	g.ports(entry, plan)
	if g.needsAddresses(entry) {
		g.freeAddresses(entry)
	}
	encrypted := slices.ContainsFunc(entry["ports"].([]any), func(port any) bool {
		return slices.Contains(tlsNames, prefixOf(port.(map[string]any)))
	})
	if !encrypted && g.chance(5) {
		entry["serverName"] = "www." + host
	}
	if plan == "DISABLE" && g.chance(2) {
		delete(entry, "serviceType")
	}
	g.metadata(entry)
	g.maybe(entry, 5, "trafficPolicy", g.trafficPolicy())
	return entry
}

func (g *generator) endpointService() map[string]any {
	entry, _ := g.service()
	entry["addresses"] = g.addresses(1 + g.IntN(4))
	g.maybe(entry, 3, "endpointsKind", g.pick("EndpointSlice", "ServiceEntry", "Endpoints"))
	g.visibility(entry)
	plan := g.plan(entry)
	if plan != "DISABLE" || g.chance(4) {
		entry["serverName"] = fmt.Sprintf("%s.%s", g.pick(words...), g.pick(domains...))
	}
	g.ports(entry, plan)
	g.metadata(entry)
	g.maybe(entry, 5, "trafficPolicy", g.trafficPolicy())
	g.leave(entry)
	if g.passesGateway(entry) {
		entry["endpointsKind"] = "ServiceEntry"
	}
	g.requests(entry)
	return entry
}

func (g *generator) visibility(entry map[string]any) {
	switch g.IntN(6) {
	case 0:
		entry["exportTo"] = []any{"."}
	case 1:
		entry["exportTo"] = []any{"*"}
	case 2:
		entry["exportTo"] = []any{".", "team-x"}
	}
}

func (g *generator) metadata(entry map[string]any) {
	g.maybe(entry, 6, "labels", map[string]any{"team": g.pick(words...), "example.com/stage": "prod"})
	g.maybe(entry, 6, "annotations", map[string]any{"example.com/ticket": "OPS-1: \"quoted\" # not a comment", "note": "yes"})
}

// number is what a YAML reader would return.
func (g *generator) number(from, to int) any { return float64(from + g.IntN(to-from+1)) }

func clone(value any) any {
	switch value := value.(type) {
	case map[string]any:
		copied := make(map[string]any, len(value))
		for key, item := range value {
			copied[key] = clone(item)
		}
		return copied
	case []any:
		copied := make([]any, len(value))
		for i, item := range value {
			copied[i] = clone(item)
		}
		return copied
	}
	return value
}
