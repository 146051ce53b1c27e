//go:build e2e

package agreement

import (
	"math/rand/v2"
	"sort"
	"strings"
)

// odd values stand where the chart has to decide: at limits, in the wrong case
// or alphabet, of another type.
var odd = []any{
	"", " ", "a", "A", "-a", "a-", "a.b", "a_b", "ä", "*", "*.example.com", "~", ".", "0", "1a", "true", "null",
	strings.Repeat("a", 63), strings.Repeat("a", 64), strings.Repeat("a", 253), strings.Repeat("a.", 126) + "a",
	strings.Repeat("a", 15), strings.Repeat("a", 16), "http", "tcp-", "http-" + strings.Repeat("a", 10), "grpc-web", "udp",
	"10.0.0.1", "::1", "2001:db8::1", "2001:DB8::1", "::ffff:192.0.2.1", "0.0.0.0", "010.0.0.1", "fe80::1%eth0", "192.0.2.1/32",
	"example.com", "EXAMPLE.com", "example.com.", "a.default.svc.cluster.local", "configmap://default/ca", "kubernetes://x",
	"kubernetes.io/h2c", "example.com/x", "line\nbreak", "{{ .Release.Name }}", "\"quoted\"", "a: b", "# c",
	float64(0), float64(-1), float64(1), float64(443), float64(65535), float64(65536), 1.5, float64(1 << 40),
	true, false, nil, []any{}, []any{"a"}, []any{nil}, map[string]any{}, map[string]any{"a": "b"}, map[string]any{"a/b/c": "d"},
	"1s", "0s", "1ms", "0.5ms", "1h", "-1s", "1",
}

// slot is a place of the values that can be set.
type slot struct {
	get any
	set func(any)
}

// mutate sets some places of the values to odd ones.
func mutate(random *rand.Rand, values map[string]any) {
	for range 1 + random.IntN(2) {
		slots := slots(values)
		if len(slots) == 0 {
			return
		}
		target := slots[random.IntN(len(slots))]
		value := odd[random.IntN(len(odd))]
		if text, ok := target.get.(string); ok && random.IntN(3) == 0 {
			value = disturb(random, text)
		}
		target.set(clone(value))
	}
}

// disturb changes a text a little.
func disturb(random *rand.Rand, text string) string {
	switch random.IntN(4) {
	case 0:
		return strings.ToUpper(text)
	case 1:
		return text + "."
	case 2:
		return strings.Repeat(text+"-", 1+random.IntN(8)) + "x"
	default:
		return text + string("-._*/ ~0aZ"[random.IntN(10)])
	}
}

// slots lists every place of the values, in the same order for the same values.
func slots(node any) []slot {
	var all []slot
	switch node := node.(type) {
	case map[string]any:
		keys := make([]string, 0, len(node))
		for key := range node {
			keys = append(keys, key)
		}
		sort.Strings(keys)
		for _, key := range keys {
			all = append(all, slot{node[key], func(value any) { node[key] = value }})
			all = append(all, slots(node[key])...)
		}
	case []any:
		for i := range node {
			all = append(all, slot{node[i], func(value any) { node[i] = value }})
			all = append(all, slots(node[i])...)
		}
	}
	return all
}

func clone(value any) any {
	switch value := value.(type) {
	case map[string]any:
		twin := make(map[string]any, len(value))
		for key, item := range value {
			twin[key] = clone(item)
		}
		return twin
	case []any:
		twin := make([]any, len(value))
		for i, item := range value {
			twin[i] = clone(item)
		}
		return twin
	}
	return value
}
