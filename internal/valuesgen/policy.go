package valuesgen

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
)

// Permit returns a policy that permits what the values declare, and little more, in a release of the namespace default.
func Permit(random *rand.Rand, values map[string]any) map[string]any {
	g := &generator{Rand: random}
	namespaces, hosts, visible, modes, ranges := setOf("default"), setOf(), setOf(), setOf("DISABLE"), setOf()
	topLevel, _ := values["exportTo"].([]any)
	for _, e := range declared(values) {
		if namespace, ok := e.fields["namespace"].(string); ok {
			namespaces[namespace] = true
		}
		for _, host := range e.hosts() {
			if _, below, found := strings.Cut(host, "."); found && g.chance(2) {
				host = "*." + below
			}
			hosts[host] = true
		}
		for _, address := range e.list("addresses") {
			ranges[g.around(address)] = true
		}
		exportTo := e.list("exportTo")
		if len(exportTo) == 0 {
			exportTo = asTexts(topLevel)
		}
		if len(exportTo) == 0 {
			exportTo = []string{"*"}
		}
		for _, namespace := range exportTo {
			visible[namespace] = true
		}
		for _, tls := range e.blocks() {
			modes[fmt.Sprint(tls["mode"])] = true
		}
	}
	return map[string]any{
		"namespaces": items(namespaces), "hosts": items(hosts), "exportTo": items(visible), "modes": items(modes),
		"addressesInside": items(ranges), "addressesOutside": []any{"198.18.0.0/15", "2001:2::/48"}, "requireGateway": false,
	}
}

// Forbid changes a policy that permits the values, as Permit makes it, so that one of their entries is forbidden. It returns an
// empty Fault where the values have no entry.
func Forbid(random *rand.Rand, values, policy map[string]any) Fault {
	all := declared(values)
	if len(all) == 0 {
		return Fault{}
	}
	e := all[random.IntN(len(all))]
	addresses, hosts := e.list("addresses"), e.hosts()
	switch way := random.IntN(4); {
	case way == 0 && len(addresses) > 0:
		i := random.IntN(len(addresses))
		policy["addressesOutside"] = []any{(&generator{Rand: random}).around(addresses[i])}
		return e.fault(fmt.Sprintf(".addresses[%d]", i))
	case way <= 1 && len(hosts) > 0:
		policy["hosts"] = []any{"other.example"}
		if e.fields["hosts"] != nil {
			return e.fault(fmt.Sprintf(".hosts[%d]", random.IntN(len(hosts))))
		}
		return e.fault(".externalName")
	case way <= 2:
		policy["exportTo"] = []any{"nobody"}
		if topLevel, _ := values["exportTo"].([]any); len(topLevel) > 0 && e.unlessMissing("exportTo") == "" {
			return Fault{ID: "policy-forbids", Path: "exportTo"}
		}
		return e.fault(e.unlessMissing("exportTo"))
	}
	policy["namespaces"] = []any{}
	return e.fault(e.unlessMissing("namespace"))
}

func (e declaredEntry) fault(at string) Fault { return Fault{ID: "policy-forbids", Path: e.path + at} }

// unlessMissing is the place of a field, or of the entry where it says nothing.
func (e declaredEntry) unlessMissing(field string) string {
	switch value := e.fields[field].(type) {
	case nil:
		return ""
	case []any:
		if len(value) == 0 {
			return ""
		}
	}
	return "." + field
}

// around is a range that has the address in it, in one of its spellings.
func (g *generator) around(text string) string {
	address := netip.MustParseAddr(text)
	prefix := netip.PrefixFrom(address, g.IntN(address.BitLen()+1))
	if g.chance(2) {
		prefix = prefix.Masked()
	}
	if address.Is6() && g.chance(2) {
		return strings.ToUpper(prefix.Addr().StringExpanded()) + fmt.Sprintf("/%d", prefix.Bits())
	}
	return prefix.String()
}

func setOf(members ...string) map[string]bool {
	all := map[string]bool{}
	for _, member := range members {
		all[member] = true
	}
	return all
}

func items(of map[string]bool) []any {
	all := []any{}
	for _, item := range slices.Sorted(maps.Keys(of)) {
		all = append(all, item)
	}
	return all
}

func asTexts(values []any) []string {
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = fmt.Sprint(value)
	}
	return all
}
