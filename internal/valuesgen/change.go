package valuesgen

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Change replaces a random value of a map or list below the given one.
func Change(random *rand.Rand, value any) {
	junk := []any{
		nil, "", "x", "UPPER", "a b", 0.0, -1.0, 80.0, 1.5, 1e300, true, []any{}, []any{nil}, []any{"x", 5.0},
		map[string]any{}, map[string]any{"mode": "SIMPLE"}, map[string]any{"a": nil}, "127.0.0.1", "ISTIO_MUTUAL",
	}
	replacement := junk[random.IntN(len(junk))]
	for {
		var next any
		set := func(any) {}
		switch v := value.(type) {
		case map[string]any:
			i := random.IntN(len(v) + 1)
			if i == len(v) {
				v["unknown"] = replacement
				return
			}
			key := slices.Sorted(maps.Keys(v))[i]
			next, set = v[key], func(r any) { v[key] = r }
		case []any:
			if len(v) == 0 {
				return
			}
			i := random.IntN(len(v))
			next, set = v[i], func(r any) { v[i] = r }
		}
		_, isMap := next.(map[string]any)
		_, isList := next.([]any)
		if !isMap && !isList || random.IntN(4) == 0 {
			set(replacement)
			return
		}
		value = next
	}
}
