package render

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/position"
)

// setError explains what Helm's reader of --set says in Go's words: a flag that enters a map by index, a list by name, or
// a single value. The values are as the flags before left them. Other errors stay as they are.
func setError(o ValuesOptions, values map[string]any, err error) error {
	for _, flag := range o.setFlags() {
		for _, argument := range flag.arguments {
			if !strings.HasPrefix(err.Error(), fmt.Sprintf("failed parsing %s data %s: ", flag.name, argument)) {
				continue
			}
			for _, assignment := range position.Assignments(flag.name, argument) {
				if conflict := conflictOf(values, assignment.Path); conflict != "" {
					return fmt.Errorf("%s: %s", assignment.Text, conflict)
				}
			}
		}
	}
	return err
}

// conflictOf says which value on its way the path cannot enter, and what to write instead; empty if it can.
func conflictOf(values map[string]any, path position.Path) string {
	var value any = values
	for i, step := range path {
		here, rest := path[:i], path[i+1:]
		switch collection := value.(type) {
		case map[string]any:
			if step.List && i == 0 {
				return ""
			}
			if step.List {
				name := position.Key("<name>")
				if names := slices.Sorted(maps.Keys(collection)); len(names) > 0 {
					name = position.Key(names[0])
				}
				return fmt.Sprintf("%s is a map in the values: write a name instead of [%d], such as %s",
					flagPath(here), step.Index, flagPath(here.Join(name).Join(rest...)))
			}
			value = collection[step.Key]
		case []any:
			if !step.List {
				return fmt.Sprintf("%s is a list in the values: write a number instead of %s, such as %s",
					flagPath(here), step.Key, flagPath(here.Join(itemNamed(collection, step.Key)).Join(rest...)))
			}
			if step.Index >= len(collection) {
				return ""
			}
			value = collection[step.Index]
		case nil:
			return ""
		default:
			return fmt.Sprintf("%s is %s in the values, with nothing inside: set %s itself", flagPath(here), describe(collection), flagPath(here))
		}
	}
	return ""
}

// itemNamed returns the index of the list's item with the name, or the first.
func itemNamed(items []any, name string) position.Segment {
	return position.Index(max(0, slices.IndexFunc(items, func(item any) bool {
		fields, ok := item.(map[string]any)
		return ok && fields["name"] == name
	})))
}

var flagKey = strings.NewReplacer(`\`, `\\`, ".", `\.`, ",", `\,`, "=", `\=`, "[", `\[`)

// flagPath writes a path as --set reads it.
func flagPath(path position.Path) string {
	var text strings.Builder
	for i, step := range path {
		switch {
		case step.List:
			text.WriteString("[" + strconv.Itoa(step.Index) + "]")
		case i > 0:
			text.WriteString("." + flagKey.Replace(step.Key))
		default:
			text.WriteString(flagKey.Replace(step.Key))
		}
	}
	return text.String()
}
