package egress

import (
	"cmp"
	"maps"
	"slices"

	"google.golang.org/protobuf/proto"
)

// groups compares what each group of workloads does with calls: TLS and policies.
func (c *comparison) groups() {
	c.eachGroup(func(g *groupComparison) {
		g.tls()
		g.policy()
	})
}

// eachGroup compares the ways of each group of workloads.
func (c *comparison) eachGroup(compare func(*groupComparison)) {
	all := c.was.callerGroups()
	maps.Copy(all, c.is.callerGroups())
	found := map[string][]Change{}
	for name, group := range all {
		g := &groupComparison{comparison: comparison{was: c.was, is: c.is}, before: c.was.wayFor(group), after: c.is.wayFor(group)}
		compare(g)
		found[name] = g.changes
	}
	if allHaveTexts(found, found[""]) {
		c.changes = append(c.changes, found[""]...)
		return
	}
	rest := restOfGroups(all)
	for _, name := range sortedKeys(found) {
		who := "for " + cmp.Or(name, rest) + ": "
		for _, change := range found[name] {
			change.Text = who + change.Text
			c.changes = append(c.changes, change)
		}
	}
}

// restOfGroups names those of no other group.
func restOfGroups(groups map[string]callerGroup) string {
	selected, hidden := false, false
	for _, g := range groups {
		selected = selected || len(g.selector) > 0
		hidden = hidden || g.namespace != ""
	}
	switch {
	case !hidden:
		return "other workloads"
	case !selected:
		return "other namespaces"
	}
	return "everybody else"
}

// allHaveTexts tells whether all groups have the same changes.
func allHaveTexts(groups map[string][]Change, wanted []Change) bool {
	for _, changes := range groups {
		if !slices.EqualFunc(changes, wanted, func(a, b Change) bool { return a.Class == b.Class && a.Text == b.Text }) {
			return false
		}
	}
	return true
}

// groupComparison compares the ways of one group of workloads.
type groupComparison struct {
	comparison
	before, after *Way
}

func (g *groupComparison) add(class Class, site func(*Way) string, format string, args ...any) {
	g.changes = append(g.changes, g.is.change(class, Site{Path: site(g.before), Way: g.before}, Site{Path: site(g.after), Way: g.after}, format, args...))
}

func (g *groupComparison) policy() {
	was, is := g.before.Rule.Policy, g.after.Rule.Policy
	if proto.Equal(was, is) {
		return
	}
	site := below(atEntry, "trafficPolicy")
	if !proto.Equal(was.GetConnectionPool(), is.GetConnectionPool()) {
		g.add(Changed, site, "connectionPool: %s -> %s", shortText(was.GetConnectionPool()), shortText(is.GetConnectionPool()))
	}
	if !proto.Equal(was.GetLoadBalancer(), is.GetLoadBalancer()) {
		g.add(Changed, site, "loadBalancer: %s -> %s", shortText(was.GetLoadBalancer()), shortText(is.GetLoadBalancer()))
	}
	if !proto.Equal(was.GetOutlierDetection(), is.GetOutlierDetection()) {
		g.add(Changed, site, "outlierDetection: %s -> %s", shortText(was.GetOutlierDetection()), shortText(is.GetOutlierDetection()))
	}
}
