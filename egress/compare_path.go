package egress

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// form compares how names are made, and which way calls take.
func (c *comparison) form() {
	was, is := c.was.ways[0], c.is.ways[0]
	switch {
	case was.Form() == is.Form():
	case is.Form() == FormClosed:
		c.addOfService(Stronger, "form: %s -> %s: who calls it past the mesh reaches nothing now", was.Form(), is.Form())
	default:
		c.addOfService(Weaker, "form: %s -> %s: who calls it past the mesh reaches %s now", was.Form(), is.Form(), cmp.Or(is.aside(), "the server"))
	}
	c.alias()
	if from, to := was.Through(), is.Through(); from != to {
		class := Changed
		switch {
		case to == "":
			class = Weaker
		case from == "":
			class = Stronger
		}
		c.add(class, below(atEntry, "through"), "path: %s -> %s", pathText(from), pathText(to))
	} else if from != "" {
		c.gateway()
	}
	c.waypoint()
	c.sidecars()
	if from, to := was.To.Destination.Declared(), is.To.Destination.Declared(); from != to {
		class, text := Weaker, "no longer declared to the mesh: it leaves as traffic to an unknown address"
		if to {
			class, text = Stronger, "declared to the mesh: it left as traffic to an unknown address"
		}
		c.add(class, atEntry, "%s", text)
	}
}

// alias compares where an alias leads whose route leads elsewhere.
func (c *comparison) alias() {
	was, is := &c.was.ways[0], &c.is.ways[0]
	from, to := was.aside(), is.aside()
	if from == to {
		return
	}
	text := fmt.Sprintf("%s -> %s, and by its route to %s", was.reachedPast(), is.reachedPast(), cmp.Or(is.To.Destination.Server, "addresses"))
	if to != "" {
		c.addOfService(Wider, "leads to %s past the mesh: %s", to, text)
		c.changes[len(c.changes)-1].leadTo(to, is.Port.Number)
	}
	if from != "" {
		c.addOfService(Narrower, "no longer leads to %s past the mesh: %s", from, text)
		c.changes[len(c.changes)-1].leadTo(from, was.Port.Number)
	}
}

func (c *Change) leadTo(host string, port int) { c.Destination, c.Port = host, port }

// addOfService adds a change that the Service declares, and no rule.
func (c *comparison) addOfService(class Class, format string, args ...any) {
	c.add(class, atEntry, format, args...)
	change := &c.changes[len(c.changes)-1]
	change.Before.OfService, change.After.OfService = true, true
}

// aside is the host that an alias leads to where a route leads the mesh's calls elsewhere; empty for none.
func (w Way) aside() string {
	if host := w.aliased(); host != w.To.Destination.Server {
		return host
	}
	return ""
}

// aliased is the host that an alias leads to, past the mesh; empty for others.
func (w Way) aliased() string {
	if w.Port == nil || w.Form() == FormClosed || w.Port.Service.Kind != ExternalNameService {
		return ""
	}
	return w.Port.Service.ExternalName
}

func (w Way) reachedPast() string { return cmp.Or(w.aliased(), "nothing") }

// waypoint compares what takes over the calls of ambient pods. Without one, an open name leads them to the server as well, and
// a closed one nowhere.
func (c *comparison) waypoint() {
	was, is := c.was.ways[0], c.is.ways[0]
	from, to := was.Waypoint(), is.Waypoint()
	if from == to {
		return
	}
	class := Changed
	switch {
	case from == "" && was.Form() == FormClosed:
		class = Wider
	case to == "" && is.Form() == FormClosed:
		class = Narrower
	}
	c.add(class, atEntry, "ambient pods: %s -> %s", waypointText(from), waypointText(to))
}

// sidecars compares who gets out past a waypoint, as sidecars do. Where a side has no waypoint, what the name is visible to tells
// who it serves.
func (c *comparison) sidecars() {
	was, is := c.was.sidecars(), c.is.sidecars()
	if text := podsWithSidecars(is, was); text != "" && c.was.ways[0].Waypoint() != "" {
		c.add(Wider, atVisibility, "%s: kept out -> served", text)
	}
	if text := podsWithSidecars(was, is); text != "" && c.is.ways[0].Waypoint() != "" {
		c.add(Narrower, atVisibility, "%s: served -> kept out", text)
	}
}

// podsWithSidecars names those of the namespaces and not of others; empty for none.
func podsWithSidecars(namespaces, others []string) string {
	more := without(namespaces, others)
	switch {
	case slices.Contains(others, "*"), len(more) == 0:
		return ""
	case more[0] != "*":
		return "pods with sidecars in " + namespacesNamed(more)
	case len(others) == 0:
		return "pods with sidecars"
	}
	return "pods with sidecars outside " + namespacesNamed(others)
}

func namespacesNamed(names []string) string {
	if len(names) == 1 {
		return "namespace " + names[0]
	}
	return "namespaces " + listText(names)
}

// gateway compares what the models say of a gateway that both have on the way.
func (c *comparison) gateway() {
	was, is := c.was.gateway, c.is.gateway
	if was == nil || is == nil {
		return
	}
	site := func(w *Way) string {
		if atEntry(w) == "" {
			return ""
		}
		return "egressGateway"
	}
	if !maps.Equal(was.Selector, is.Selector) {
		c.add(Changed, site, "the gateway's pods: %s -> %s", podsText(was.Selector), podsText(is.Selector))
	}
	if was.Port != is.Port {
		c.add(Changed, site, "the gateway's port: %d -> %d", was.Port, is.Port)
	}
	if was.Identity != is.Identity {
		c.add(Changed, site, "the gateway's identity: %s -> %s", identityText(was.Identity), identityText(is.Identity))
	}
}

func podsText(selector map[string]string) string { return cmp.Or(labelsText(selector), "none") }

func identityText(identity string) string { return cmp.Or(identity, "that of its Service") }

func waypointText(waypoint string) string {
	if waypoint == "" {
		return "no waypoint"
	}
	return "the waypoint " + waypoint
}

func pathText(through string) string {
	if through == "" {
		return "direct"
	}
	return "through the gateway " + through
}
