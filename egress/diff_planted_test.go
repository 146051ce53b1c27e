package egress_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
)

// planted is a change of an entry that a reviewer has to hear of.
type planted struct {
	class egress.Class
	// fits tells whether the change means something for the way.
	fits func(egress.Way) bool
	// plant changes the entry.
	plant func(entry map[string]any)
}

func ofGrade(grades ...egress.Grade) func(egress.Way) bool {
	return func(w egress.Way) bool { return slices.Contains(grades, w.Grade()) }
}

// verified tells whether the way is verified as the entry says. Where that switches verification off for the workloads of a
// selector, the chart verifies for all others, whatever else the entry says.
func verified(w egress.Way) bool {
	return ofGrade(egress.Verified, egress.Mutual)(w) &&
		!slices.ContainsFunc(w.To.Rules, func(r egress.Rule) bool { return r.TLS.GetSettings().GetInsecureSkipVerify().GetValue() })
}

// eachTLS changes the blocks of an entry and of its ports.
func eachTLS(change func(tls map[string]any)) func(map[string]any) {
	return func(entry map[string]any) {
		blocks := []map[string]any{entry}
		for _, port := range entry["ports"].([]any) {
			blocks = append(blocks, port.(map[string]any))
		}
		for _, block := range blocks {
			if tls, ok := block["tls"].(map[string]any); ok {
				change(tls)
			}
		}
	}
}

func isThroughGateway(w egress.Way) bool { return w.Through() != "" }

func isClosed(w egress.Way) bool { return w.Form() == egress.FormClosed }

var plants = map[string]planted{
	"verification off": {egress.Weaker, verified, eachTLS(func(tls map[string]any) {
		if tls["mode"] != "DISABLE" {
			tls["insecureSkipVerify"] = true
			for _, field := range []string{"subjectAltNames", "caCertificates", "caCrl"} {
				delete(tls, field)
			}
		}
	})},
	"TLS off": {egress.Weaker, ofGrade(egress.Verified, egress.Mutual, egress.Unverified), func(entry map[string]any) {
		eachTLS(func(tls map[string]any) {
			clear(tls)
			tls["mode"] = "DISABLE"
		})(entry)
		delete(entry, "workloadSelector")
	}},
	"a name more": {egress.Weaker, verified, eachTLS(func(tls map[string]any) {
		if tls["mode"] != "DISABLE" && tls["insecureSkipVerify"] != true {
			names, _ := tls["subjectAltNames"].([]any)
			tls["subjectAltNames"] = append(slices.Clone(names), "planted.example.com")
		}
	})},
	"public CAs": {egress.Weaker, func(w egress.Way) bool { return verified(w) && strings.HasPrefix(w.CA(), "/") }, eachTLS(func(tls map[string]any) {
		delete(tls, "caCertificates")
		delete(tls, "caCrl")
	})},
	"open": {egress.Weaker, isClosed, func(entry map[string]any) {
		if entry["externalName"] != nil {
			entry["serviceType"] = "ExternalName"
		} else {
			entry["endpointsKind"] = "EndpointSlice"
		}
	}},
	"past the gateway": {egress.Weaker, isThroughGateway, func(entry map[string]any) {
		entry["through"] = "direct"
		delete(entry, "allowFrom")
	}},
	"another caller": {egress.Wider, func(w egress.Way) bool { return w.AllowFrom() != nil }, func(entry map[string]any) {
		allowed := entry["allowFrom"].(map[string]any)
		namespaces, _ := allowed["namespaces"].([]any)
		allowed["namespaces"] = append(slices.Clone(namespaces), "planted")
	}},
	"all callers": {egress.Wider, func(w egress.Way) bool { return w.AllowFrom() != nil }, func(entry map[string]any) { delete(entry, "allowFrom") }},
	"an address more": {egress.Wider, func(w egress.Way) bool { return w.To.Destination.Server == "" }, func(entry map[string]any) {
		addresses, _ := entry["addresses"].([]any)
		entry["addresses"] = append(slices.Clone(addresses), "203.0.113.250")
	}},
	"all namespaces": {egress.Wider, func(w egress.Way) bool { return !slices.Contains(w.Namespaces(), "*") && len(w.Rule.Selector) == 0 }, func(entry map[string]any) {
		entry["exportTo"] = []any{"*"}
	}},
	"a port more": {egress.Wider, isClosed, func(entry map[string]any) {
		port := maps.Clone(entry["ports"].([]any)[0].(map[string]any))
		port["name"], port["port"], port["targetPort"] = "https-planted", 64999.0, 64999.0
		delete(port, "appProtocol")
		port["tls"] = map[string]any{"mode": "DISABLE"}
		entry["ports"] = append(slices.Clone(entry["ports"].([]any)), port)
	}},
}

// Each change that is planted into an entry is told with its class, under the entry's name and with the entry's path.
func TestPlantedChanges(t *testing.T) {
	tryPlants(t, plants, randomValues, func(w egress.Way) bool { return w.Port != nil })
}

// The same with entries of externalHosts, whose hosts workloads call by their own names.
func TestPlantedChangesOfHosts(t *testing.T) {
	generate := func(random *rand.Rand) map[string]any { return valuesgen.Hosts(random, 1+random.IntN(3)) }
	tryPlants(t, hostPlants, generate, func(w egress.Way) bool { return w.Port == nil })
}

// tryPlants plants each change into an entry of random values, behind one of the ways that have a place for it.
func tryPlants(t *testing.T, plants map[string]planted, generate func(*rand.Rand) map[string]any, meant func(egress.Way) bool) {
	t.Helper()
	chart := loadChart(t)
	tried, refused := map[string]int{}, map[string]int{}
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := generate(random)
		before := modelOf(t, chart, values)
		for _, name := range slices.Sorted(maps.Keys(plants)) {
			p := plants[name]
			ways := slices.DeleteFunc(before.Ways(), func(w egress.Way) bool { return !meant(w) || !p.fits(w) })
			if len(ways) == 0 {
				continue
			}
			way := ways[random.IntN(len(ways))]
			changed := copied(values)
			p.plant(entryAt(changed, entryOf(way)))
			after, ok := accepted(t, chart, changed)
			if !ok {
				refused[name]++
				continue
			}
			tried[name]++
			if changes := egress.Diff(before, after); !slices.ContainsFunc(changes, tells(p.class, way)) {
				t.Errorf("%s of %s: no %s change in\n%s", name, way.Name(), p.class, strings.Join(lines(changes), "\n"))
			}
		}
	})
	for name := range plants {
		if tried[name] == 0 {
			t.Errorf("%s: never tried, %d times refused", name, refused[name])
		}
	}
	t.Logf("tried %v, refused %v", tried, refused)
}

// entryOf is the path of the entry that makes a way.
func entryOf(way egress.Way) string {
	if way.Port == nil {
		return way.To.Destination.Path
	}
	return way.Port.Service.Path
}

// tells matches a change of the class in the entry of the way, and of its name: an entry of hosts has several.
func tells(class egress.Class, way egress.Way) func(egress.Change) bool {
	called := ""
	if way.Port != nil {
		called = strings.TrimSuffix(way.Name(), fmt.Sprint(way.Port.Number))
	}
	return func(c egress.Change) bool {
		return c.Class == class && strings.HasPrefix(c.After.Path, entryOf(way)) &&
			(called == "" || slices.ContainsFunc(c.Names, func(n string) bool { return strings.HasPrefix(n, called) }))
	}
}

// randomValues are of calls that leave directly for the most part, or all through a gateway.
func randomValues(random *rand.Rand) map[string]any {
	generate := valuesgen.Random
	if random.IntN(3) == 0 {
		generate = valuesgen.ThroughGateway
	}
	return generate(random, 1+random.IntN(6))
}

// entryAt finds the entry of a path, such as externalNameServices[0] or endpointServices.sink.
func entryAt(values map[string]any, path string) map[string]any {
	collection, name, inMap := strings.Cut(path, ".")
	if inMap {
		return values[collection].(map[string]any)[strings.Trim(name, `"`)].(map[string]any)
	}
	var index int
	collection, rest, _ := strings.Cut(path, "[")
	if _, err := fmt.Sscanf(rest, "%d]", &index); err != nil { // ["a name"]
		return values[collection].(map[string]any)[strings.Trim(rest, `"]`)].(map[string]any)
	}
	return values[collection].([]any)[index].(map[string]any)
}

// hostPlants are changes of entries of externalHosts, whose hosts workloads call by their own names.
var hostPlants = map[string]planted{
	"verification off": plants["verification off"],
	"TLS off":          plants["TLS off"],
	"a name more":      plants["a name more"],
	"public CAs":       plants["public CAs"],
	"all namespaces":   plants["all namespaces"],
	"a host more": {egress.Wider, func(egress.Way) bool { return true }, func(entry map[string]any) {
		host := "planted.example.com"
		if isWildcard(entry["hosts"].([]any)[0]) {
			host = "*." + host
		}
		entry["hosts"] = append(slices.Clone(entry["hosts"].([]any)), host)
	}},
	"a wildcard around": {egress.Wider, func(w egress.Way) bool { return isWildcard(w.To.Destination.Host) }, func(entry map[string]any) {
		entry["hosts"] = []any{"*.vendor.example"}
	}},
	"a port more": {egress.Wider, func(egress.Way) bool { return true }, func(entry map[string]any) {
		entry["ports"] = append(slices.Clone(entry["ports"].([]any)),
			map[string]any{"name": "https-planted", "port": 64999.0, "tls": map[string]any{"mode": "DISABLE"}})
	}},
}

func isWildcard(host any) bool { return strings.HasPrefix(host.(string), "*.") }
