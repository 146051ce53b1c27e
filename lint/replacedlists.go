package lint

import (
	"fmt"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/internal/words"
	"github.com/istio-egress/istio-egress/position"
)

const idListReplaced = "list-replaced"

// collections are the fields that hold entries, as a list or a map.
var collections = []string{"externalNameServices", "endpointServices", "externalHosts"}

// replacedLists reports entries of a file, and ports of entries, that a list of a later file replaces: Helm merges maps alone,
// and says nothing.
func (r *loadedRelease) replacedLists() []Finding {
	if len(r.sources) < 2 {
		return nil
	}
	var findings []Finding
	for _, name := range collections {
		var before declaredEntries
		for i := range r.sources {
			file := r.sources[i].file
			if file == nil {
				continue
			}
			at := r.Key.Join(position.Key(name))
			value, given := nodeAt(file.Root(), at)
			if !given {
				continue
			}
			after := readEntries(file, at, value)
			findings = append(findings, r.lostEntries(at, before, &after)...)
			before = after
		}
	}
	return findings
}

// declaredEntries are the entries of a collection that files declare so far.
type declaredEntries struct {
	file    *position.File // the last one
	kind    position.Kind
	entries []declaredEntry
}

type declaredEntry struct {
	name  string
	path  position.Path
	at    position.Position
	gone  bool // null: removed on purpose
	ports []declaredPort
	list  bool // ports are a list here
}

type declaredPort struct {
	name string
	at   position.Position
}

func readEntries(file *position.File, at position.Path, value position.Node) declaredEntries {
	all := declaredEntries{file: file, kind: value.Kind()}
	for i, item := range value.Items() {
		if name, ok := item.Field("name").Text(); ok {
			all.entries = append(all.entries, readEntry(file, name, at.Join(position.Index(i)), item))
		}
	}
	if value.Kind() == position.Map {
		for _, field := range value.Fields() {
			all.entries = append(all.entries, readEntry(file, field.Name, at.Join(position.Key(field.Name)), field.Value))
		}
	}
	return all
}

func readEntry(file *position.File, name string, path position.Path, value position.Node) declaredEntry {
	entry := declaredEntry{name: name, path: path, at: file.Find(path).Key, gone: value.Kind() == position.Null}
	ports := value.Field("ports")
	entry.list = ports.Kind() == position.List
	for i, port := range ports.Items() {
		if name, ok := port.Field("name").Text(); ok {
			entry.ports = append(entry.ports, declaredPort{name, file.Find(path.Join(position.Key("ports"), position.Index(i))).Key})
		}
	}
	return entry
}

func (d declaredEntries) find(name string) *declaredEntry {
	i := slices.IndexFunc(d.entries, func(e declaredEntry) bool { return e.name == name })
	if i < 0 {
		return nil
	}
	return &d.entries[i]
}

// lostEntries reports what a file has no more of what those before it declared. What it keeps is added to after.
func (r *loadedRelease) lostEntries(at position.Path, before declaredEntries, after *declaredEntries) []Finding {
	if after.kind == position.Map && before.kind == position.Map {
		return r.mergedEntries(before, after)
	}
	var lost []declaredEntry
	for _, entry := range before.entries {
		if after.find(entry.name) == nil && !entry.gone {
			lost = append(lost, entry)
		}
	}
	if len(lost) == 0 || after.kind != position.List && after.kind != position.Map {
		return nil
	}
	var names []string
	finding := Finding{ID: idListReplaced, Severity: Warning, Release: r.Label, Path: at.String(), Position: after.file.Find(at).Key}
	for _, entry := range lost {
		names = append(names, entry.name)
		if len(finding.Related) < mostRelated {
			finding.Related = append(finding.Related, Related{Path: entry.path.String(), Release: r.Label, Position: entry.at})
		}
	}
	collection := at[len(at)-1].Key
	finding.Message = fmt.Sprintf("this replaces all that %s has under %s, and %s: %s, as maps from name to entry merge: %s: {NAME: {...}}",
		before.file.Name, collection, areLost(names), mapForm(before.kind, after.kind), collection)
	return []Finding{finding}
}

const mostRelated = 10

func areLost(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more are lost", strings.Join(names[:most], ", "), len(names)-most)
	}
	return words.List(names, "and") + map[bool]string{false: " are lost", true: " is lost"}[len(names) == 1]
}

func mapForm(before, after position.Kind) string {
	switch {
	case before == position.Map:
		return "write a map here too"
	case after == position.Map:
		return "write a map there too"
	}
	return "write maps in both files"
}

// mergedEntries reports ports that are lost where maps of entries merge, and adds the entries before.
func (r *loadedRelease) mergedEntries(before declaredEntries, after *declaredEntries) []Finding {
	var findings []Finding
	for _, old := range before.entries {
		entry := after.find(old.name)
		switch {
		case entry == nil:
			after.entries = append(after.entries, old)
		case entry.gone || old.gone:
		case !entry.list:
			entry.ports, entry.list = old.ports, old.list
		default:
			findings = append(findings, r.lostPorts(old, *entry, after.file)...)
		}
	}
	return findings
}

func (r *loadedRelease) lostPorts(before, after declaredEntry, file *position.File) []Finding {
	var names []string
	at := after.path.Join(position.Key("ports"))
	finding := Finding{ID: idListReplaced, Severity: Warning, Release: r.Label, Path: at.String(), Position: file.Find(at).Key}
	for _, port := range before.ports {
		if !slices.ContainsFunc(after.ports, func(p declaredPort) bool { return p.name == port.name }) {
			names = append(names, port.name)
			finding.Related = append(finding.Related, Related{Path: before.path.Join(position.Key("ports")).String(), Release: r.Label, Position: port.at})
		}
	}
	if len(names) == 0 {
		return nil
	}
	finding.Message = fmt.Sprintf("this list replaces the ports of %s, and %s: repeat here what is to stay, as lists do not merge", before.at.File, areLost(names))
	return []Finding{finding}
}

// nodeAt returns the value at a path of maps, and whether it is given.
func nodeAt(node position.Node, path position.Path) (position.Node, bool) {
	for _, step := range path {
		i := slices.IndexFunc(node.Fields(), func(f position.Field) bool { return f.Name == step.Key })
		if i < 0 || step.List {
			return position.Node{}, false
		}
		node = node.Fields()[i].Value
	}
	return node, true
}
