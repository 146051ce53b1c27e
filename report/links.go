package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/words"
)

// link is a line of a picture: who calls which name, and where that leads.
type link struct {
	callers            []string // namespaces, "*" for all of them, and service accounts as namespace/name
	name, nameNote     string   // what is called, and its port
	server, serverNote string   // where it leads, and the protocol
	grade              egress.Grade
	label              string // what stands on the line, besides the grade
}

// mostNames is how many names a picture shows one by one. Above, they are folded.
const mostNames = 60

// linksOf are the links of a picture, the worst first. Very many are folded into groups.
func linksOf(rows []Row) []link {
	if countNames(rows) > mostNames {
		return folded(rows)
	}
	var links []link
	several := manyCallers(rows)
	for _, row := range rows {
		callers := row.mayCall()
		if several {
			callers = shortened(callers)
		}
		for _, name := range row.Names {
			host, port := splitPort(name)
			links = append(links, link{
				callers: callers, name: host, nameNote: "port " + port,
				server: row.server(), serverNote: row.Protocol,
				grade: row.Grade, label: row.lineLabel(),
			})
		}
	}
	return links
}

// manyCallers tells whether more namespaces call than a picture has room for.
func manyCallers(rows []Row) bool {
	callers := map[string]bool{}
	for _, row := range rows {
		for _, caller := range row.mayCall() {
			callers[caller] = true
		}
	}
	return len(callers) > mostNames
}

// mayCall are the namespaces that see the row's names, "*" for all; where a gateway or a waypoint lets only some call, those of
// them, and service accounts as namespace/name.
func (r Row) mayCall() []string {
	if r.AllowFrom == nil {
		return r.Namespaces
	}
	sees := func(caller string) bool {
		namespace, _, _ := strings.Cut(caller, "/")
		return slices.Contains(r.Namespaces, "*") || slices.Contains(r.Namespaces, namespace)
	}
	allowed := slices.Concat(r.AllowFrom.Namespaces, r.AllowFrom.ServiceAccounts)
	return slices.DeleteFunc(allowed, func(caller string) bool { return !sees(caller) })
}

// shortened counts callers that are more than a few.
func shortened(callers []string) []string {
	const few = 3
	switch {
	case slices.Contains(callers, "*"):
		return []string{"*"}
	case len(callers) <= few:
		return callers
	case slices.ContainsFunc(callers, isAccount):
		return []string{words.Count(len(callers), "caller")}
	}
	return []string{words.Count(len(callers), "namespace")}
}

// splitPort parts a name as workloads call it from the port.
func splitPort(name string) (host, port string) {
	at := strings.LastIndexByte(name, ':')
	if at < 0 {
		return name, ""
	}
	return strings.Trim(name[:at], "[]"), name[at+1:]
}

// lineLabel is what a line says besides the grade.
func (r Row) lineLabel() string {
	var parts []string
	if who := r.workloads(); who != "" {
		parts = append(parts, who)
	}
	if r.Through != "" {
		parts = append(parts, "through "+withoutNamespace(r.Through))
	}
	if r.Waypoint != "" {
		parts = append(parts, "waypoint "+withoutNamespace(r.Waypoint))
	}
	return strings.Join(parts, ", ")
}

// withoutNamespace is the name of namespace/name: the table has both.
func withoutNamespace(id string) string { return id[strings.IndexByte(id, '/')+1:] }

// group is all names of a namespace whose ways have one grade.
type group struct {
	namespace string
	grade     egress.Grade
	names     map[string]bool
	servers   map[string]bool
	callers   map[string]bool
}

func (g *group) add(row Row, name string) {
	g.names[name] = true
	g.servers[row.server()] = true
	for _, caller := range row.mayCall() {
		g.callers[caller] = true
	}
}

// folded groups the links by namespace and grade, the worst first, and counts those beyond the most.
func folded(rows []Row) []link {
	var groups []*group
	index := map[[2]string]*group{}
	add := func(namespace string, row Row, name string) {
		key := [2]string{namespace, string(row.Grade)}
		g := index[key]
		if g == nil {
			g = &group{namespace, row.Grade, map[string]bool{}, map[string]bool{}, map[string]bool{}}
			index[key] = g
			groups = append(groups, g)
		}
		g.add(row, name)
	}
	for _, row := range rows {
		for i, name := range row.Names {
			add(namespaceOf(row.Ways, i), row, name)
		}
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		return cmp.Or(a.grade.Rank()-b.grade.Rank(), len(b.names)-len(a.names), strings.Compare(a.namespace, b.namespace))
	})
	return linksOfGroups(groups)
}

// ownNames stands for the namespace of hosts that are called by their own names.
const ownNames = "external hosts"

func namespaceOf(ways []egress.Way, i int) string {
	if i >= len(ways) || ways[i].Port == nil {
		return ownNames
	}
	return ways[i].Port.Service.Namespace
}

func linksOfGroups(groups []*group) []link {
	var links []link
	for _, g := range groups[:min(len(groups), mostNames)] {
		links = append(links, g.link(g.namespace))
	}
	rest := map[egress.Grade]*group{}
	for _, g := range groups[len(links):] {
		r := rest[g.grade]
		if r == nil {
			r = &group{"", g.grade, map[string]bool{}, map[string]bool{}, map[string]bool{}}
			rest[g.grade] = r
		}
		r.join(g)
	}
	for _, grade := range egress.Grades() {
		if r := rest[grade]; r != nil {
			links = append(links, r.link("other namespaces"))
		}
	}
	return links
}

func (g *group) join(other *group) {
	for _, sets := range [][2]map[string]bool{{g.names, other.names}, {g.servers, other.servers}, {g.callers, other.callers}} {
		for item := range sets[1] {
			sets[0][item] = true
		}
	}
}

func (g *group) link(name string) link {
	l := link{name: name, nameNote: words.Count(len(g.names), "name"), server: words.Count(len(g.servers), "server"), grade: g.grade}
	if len(g.servers) == 1 {
		l.server = sortedKeys(g.servers)[0]
	} else {
		l.serverNote = "of " + name // so that groups do not share a box
	}
	l.callers = shortened(sortedKeys(g.callers))
	return l
}

func sortedKeys[V any](set map[string]V) []string {
	keys := make([]string, 0, len(set))
	for key := range set {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// callerText names callers: a namespace, or a service account.
func callerText(caller string) string {
	if isAccount(caller) {
		return "service account " + caller
	}
	return callerName(caller)
}

// callerName names callers without their kinds, where there is little room.
func callerName(caller string) string {
	if caller == "*" {
		return "all namespaces"
	}
	return caller
}

// isAccount tells service accounts, namespace/name, from namespaces.
func isAccount(caller string) bool { return strings.Contains(caller, "/") }
