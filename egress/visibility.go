package egress

import (
	"encoding/json"
	"maps"
	"slices"
)

// exportToAnnotation is where Kubernetes Services tell who sees them.
const exportToAnnotation = "networking.istio.io/exportTo"

// visibleIn reads exportTo: "." is the namespace itself.
func visibleIn(exportTo []string, namespace string) Visibility {
	if slices.Contains(exportTo, "*") {
		return Visibility{ExportTo: []string{"*"}}
	}
	var namespaces []string
	for _, name := range exportTo {
		if name == "." {
			name = namespace
		}
		namespaces = append(namespaces, name)
	}
	slices.Sort(namespaces)
	return Visibility{ExportTo: slices.Compact(namespaces)}
}

// labelText writes labels in one way, for comparing and sorting.
func labelText(labels map[string]string) string {
	data, err := json.Marshal(labels)
	if err != nil {
		panic(err) // texts always encode
	}
	return string(data)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// value is what a pointer points to, or the zero value.
func value[T any](pointer *T) T {
	if pointer == nil {
		var zero T
		return zero
	}
	return *pointer
}
