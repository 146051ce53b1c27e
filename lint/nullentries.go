package lint

import (
	"fmt"
	"slices"

	"github.com/istio-egress/istio-egress/position"
)

const idNullWithoutEffect = "null-without-effect"

// nullEntries reports entries that are null, where no earlier file has them: null removes an entry, and renders none. A
// collection that is null holds nothing, in the same way.
func (r *loadedRelease) nullEntries() []Finding {
	var findings []Finding
	for _, name := range collections {
		at := r.Key.Join(position.Key(name))
		var before declaredEntries
		for i := range r.sources {
			file := r.sources[i].file
			if file == nil {
				continue
			}
			value, given := nodeAt(file.Root(), at)
			if !given {
				continue
			}
			findings = append(findings, r.nullsIn(file, at, value, before)...)
			entries := slices.Concat(before.entries, readEntries(file, at, value).entries)
			before = declaredEntries{entries: entries}
		}
	}
	return findings
}

// nullsIn are those of one file; before is what earlier files declare.
func (r *loadedRelease) nullsIn(file *position.File, at position.Path, value position.Node, before declaredEntries) []Finding {
	name := at[len(at)-1].Key
	if value.Kind() == position.Null {
		if len(before.entries) > 0 {
			return nil
		}
		return []Finding{r.nullFinding(file, at, fmt.Sprintf("%s holds nothing: write entries below it, indented, or %s: [] if none are meant", name, name))}
	}
	var findings []Finding
	for _, field := range value.Fields() {
		if field.Value.Kind() == position.Null && before.find(field.Name) == nil {
			findings = append(findings, r.nullFinding(file, at.Join(position.Key(field.Name)), fmt.Sprintf(
				"null removes an entry of an earlier values file, and none has %s: write the entry's fields below it, indented, or remove the line", field.Name)))
		}
	}
	return findings
}

func (r *loadedRelease) nullFinding(file *position.File, at position.Path, message string) Finding {
	return Finding{ID: idNullWithoutEffect, Severity: Warning, Path: at.String(), Position: file.Find(at).Key, Message: message, Release: r.Label}
}
