package egress

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// comparison collects the changes between two outlets.
type comparison struct {
	was, is *outlet
	changes []Change
}

// compare returns what changes between two outlets that lead to the same server.
func compare(was, is *outlet) []Change {
	c := &comparison{was: was, is: is}
	c.form()
	c.visibility()
	c.server()
	c.requests()
	c.groups()
	return c.changes
}

func (c *comparison) add(class Class, site func(*Way) string, format string, args ...any) {
	before, after := &c.was.ways[0], &c.is.ways[0]
	c.changes = append(c.changes, c.is.change(class, Site{Path: site(before), Way: before}, Site{Path: site(after), Way: after}, format, args...))
}

// Where values say what a way is made of. A path that the values do not have stands for its entry.

func atEntry(w *Way) string {
	if w.Port != nil {
		return w.Port.Service.Path
	}
	return w.To.Destination.Path
}

func atPort(w *Way) string {
	if w.Port != nil {
		return w.Port.Path
	}
	return w.To.Path
}

func atVisibility(w *Way) string {
	return cmp.Or(w.To.Destination.ExportToPath, w.To.Destination.Path, atEntry(w))
}

func atTLS(w *Way) string {
	if w.Rule.TLS == nil {
		return atPort(w)
	}
	return cmp.Or(w.Rule.TLS.Path, atPort(w))
}

func below(site func(*Way) string, field string) func(*Way) string {
	return func(w *Way) string {
		if path := site(w); path != "" {
			return path + "." + field
		}
		return ""
	}
}

// asWell says that what was there stays, if it does.
func asWell(stays bool) string {
	if stays {
		return " as well"
	}
	return ""
}

// without returns what a list has and another has not, sorted.
func without(list, other []string) []string {
	rest := slices.DeleteFunc(slices.Clone(list), func(item string) bool { return slices.Contains(other, item) })
	slices.Sort(rest)
	return slices.Compact(rest)
}

const mostListed = 6

// listText writes a list, and of a long one the first items.
func listText(items []string) string {
	switch n := len(items); {
	case n == 0:
		return "none"
	case n > mostListed:
		return fmt.Sprintf("%s and %d more", strings.Join(items[:mostListed], ", "), n-mostListed)
	}
	return strings.Join(items, ", ")
}
