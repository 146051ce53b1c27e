package position

import "go.yaml.in/yaml/v4"

// index remembers where the keys of a large mapping are.
type index map[string]int

const indexFrom = 32 // nodes; below, a scan is quicker

// lookup finds a key in a mapping as Helm's YAML reads it: what stands later wins, keys and merges (<<) alike.
func (f *File) lookup(mapping *yaml.Node, name string) (key, value *yaml.Node) {
	return f.lookupWithin(mapping, name, 0)
}

const maxMerges = 100 // levels of << within <<

func (f *File) lookupWithin(mapping *yaml.Node, name string, level int) (key, value *yaml.Node) {
	if mapping.Kind != yaml.MappingNode || level > maxMerges {
		return nil, nil
	}
	nodes := mapping.Content
	at, merges := f.indexOf(mapping, name)
	for i := len(nodes) - 2; merges && i > at; i -= 2 {
		if !isMerge(nodes[i]) {
			continue
		}
		if key, value := f.lookupMerged(nodes[i+1], name, level+1); value != nil {
			return key, value
		}
	}
	if at < 0 {
		return nil, nil
	}
	return nodes[at], nodes[at+1]
}

// lookupMerged searches what << merges: one map or a list of maps, of which the first wins.
func (f *File) lookupMerged(merged *yaml.Node, name string, level int) (key, value *yaml.Node) {
	merged, _ = resolve(f, merged)
	if merged.Kind != yaml.SequenceNode {
		return f.lookupWithin(merged, name, level)
	}
	for _, item := range merged.Content {
		item, _ = resolve(f, item)
		if key, value := f.lookupWithin(item, name, level); value != nil {
			return key, value
		}
	}
	return nil, nil
}

// indexOf returns the last place of the key, as it is or as messages show it, or -1, and whether the mapping has merges.
func (f *File) indexOf(mapping *yaml.Node, name string) (at int, merges bool) {
	nodes := mapping.Content
	if len(nodes) < indexFrom {
		at = -1
		for i := len(nodes) - 2; i >= 0; i -= 2 {
			merges = merges || isMerge(nodes[i])
			if at < 0 && (keyName(nodes[i]) == name || shownKey(keyName(nodes[i])) == name) {
				at = i
			}
		}
		return at, merges
	}
	keys, ok := f.keys[mapping]
	if !ok {
		keys = make(index, len(nodes)/2)
		for i := 0; i+1 < len(nodes); i += 2 {
			keys[shownKey(keyName(nodes[i]))] = i
		}
		f.keys[mapping] = keys
	}
	at, ok = keys[shownKey(name)]
	if !ok {
		at = -1
	}
	_, merges = keys["<<"]
	return at, merges
}
