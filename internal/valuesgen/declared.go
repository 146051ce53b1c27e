package valuesgen

import (
	"fmt"
	"maps"
	"slices"
)

// declaredEntry is an entry of any collection.
type declaredEntry struct {
	path       string
	collection string
	inList     bool
	fields     map[string]any
}

// declared are the entries of all collections, in order.
func declared(values map[string]any) []declaredEntry {
	var all []declaredEntry
	add := func(collection, path string, inList bool, entry any) {
		if fields, ok := entry.(map[string]any); ok {
			all = append(all, declaredEntry{path, collection, inList, fields})
		}
	}
	for _, collection := range []string{"externalNameServices", "endpointServices", "externalHosts"} {
		switch entries := values[collection].(type) {
		case []any:
			for i, entry := range entries {
				add(collection, fmt.Sprintf("%s[%d]", collection, i), true, entry)
			}
		case map[string]any:
			for _, name := range slices.Sorted(maps.Keys(entries)) {
				add(collection, collection+"."+name, false, entries[name])
			}
		}
	}
	return all
}

func (e declaredEntry) list(field string) []string {
	values, _ := e.fields[field].([]any)
	return asTexts(values)
}

func (e declaredEntry) hosts() []string {
	if name, ok := e.fields["externalName"].(string); ok {
		return []string{name}
	}
	return e.list("hosts")
}

// blocks are the tls of the entry and of its ports.
func (e declaredEntry) blocks() []map[string]any {
	var all []map[string]any
	ports, _ := e.fields["ports"].([]any)
	for _, holder := range append(slices.Clone(ports), any(e.fields)) {
		fields, _ := holder.(map[string]any)
		if tls, ok := fields["tls"].(map[string]any); ok {
			all = append(all, tls)
		}
	}
	return all
}
