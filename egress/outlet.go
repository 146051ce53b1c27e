package egress

import (
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
)

// outlet is what workloads call to get out of the mesh: a port of a local name, or of a host by its own name.
type outlet struct {
	id   string // the same in both models
	name string
	ways []Way // of the workloads that no other way names, then of those that selectors name
	// gateway is what the model knows of the egress gateway on the way; nil for none.
	gateway *Gateway
}

// outletsOf groups the ways of a model by what is called.
func outletsOf(m *Model) []*outlet {
	var all []*outlet
	times := map[string]int{}
	for _, way := range m.Ways() {
		if len(all) > 0 {
			last := all[len(all)-1]
			if first := last.ways[0]; first.Port == way.Port && first.To == way.To {
				last.ways = append(last.ways, way)
				continue
			}
		}
		id := idOf(way)
		times[id]++
		if n := times[id]; n > 1 { // two releases declare the same, which lint reports
			id = fmt.Sprintf("%s (%d)", id, n)
		}
		all = append(all, &outlet{id: id, name: way.Name(), ways: []Way{way}, gateway: m.gateway(way.Through())})
	}
	return all
}

// withoutIdleExits leaves out exits that no route leads to, where one does in the other model: nobody calls an exit by its own
// name, whose way is there in both.
func withoutIdleExits(outlets, others []*outlet) []*outlet {
	led := map[string]bool{}
	for _, o := range others {
		if o.ways[0].Port != nil {
			led[o.exit()] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(outlets), func(o *outlet) bool {
		return o.ways[0].Port == nil && o.ways[0].To.Destination.others == nil && o.exit() != "" && led[o.exit()]
	})
}

// exit is the exit that the outlet leads to, as namespace/host; empty for none.
func (o *outlet) exit() string {
	to := o.ways[0].To.Destination
	if !isExit(to.Host) {
		return ""
	}
	return to.Namespace + "/" + to.Host
}

// deadEnds are the local names of a model that lead nowhere.
func deadEnds(m *Model) map[string]bool {
	names := map[string]bool{}
	for _, service := range m.Services {
		for _, port := range service.Ports {
			if !service.InCluster && port.StaysInside() {
				names[Way{Port: port}.Name()] = true
			}
		}
	}
	return names
}

// gateway returns the gateway of an ID; nil when there is none.
func (m *Model) gateway(id string) *Gateway {
	i := slices.IndexFunc(m.Gateways, func(g *Gateway) bool { return g.ID() == id })
	if i < 0 {
		return nil
	}
	return m.Gateways[i]
}

// sidecars are the namespaces whose pods with sidecars get out, sorted; "*" alone for all. Sidecars pass waypoints by: those that
// see what the waypoint sees do as it does.
func (o *outlet) sidecars() []string {
	destination := o.ways[0].To.Destination
	switch {
	case o.ways[0].Waypoint() == "":
		return o.namespaces()
	case destination.WithoutSidecars:
		return nil
	}
	return destination.namespaces()
}

func idOf(w Way) string {
	if w.Port == nil {
		return "host " + w.To.Destination.Namespace + "/" + w.Name()
	}
	return w.Name()
}

// sameServer tells whether two outlets of one name lead to the same server. Addresses without a name are a server that may
// move.
func (o *outlet) sameServer(other *outlet) bool {
	return o.ways[0].To.Destination.Server == other.ways[0].To.Destination.Server
}

// callerGroup is workloads that take the same way.
type callerGroup struct {
	selector  map[string]string // nil for those that no selector names
	namespace string            // where a rule counts that others do not see; empty for all other namespaces
}

// name is empty for those that are all others.
func (g callerGroup) name() string {
	var parts []string
	if len(g.selector) > 0 {
		parts = append(parts, "workloads "+labelsText(g.selector))
	}
	if g.namespace != "" {
		parts = append(parts, "namespace "+g.namespace)
	}
	return strings.Join(parts, " in ")
}

// callerGroups are the groups that an outlet knows, by their names. There is always one of all others.
func (o *outlet) callerGroups() map[string]callerGroup {
	groups := map[string]callerGroup{"": {}}
	for _, way := range o.ways {
		namespaces := way.ruleSeenBy
		if namespaces == nil {
			namespaces = []string{""}
		}
		for _, namespace := range namespaces {
			g := callerGroup{way.Rule.Selector, namespace}
			groups[g.name()] = g
		}
	}
	return groups
}

// wayFor is the way of a group of workloads: that of the most labels, and in a namespace where a hidden rule counts, of that.
func (o *outlet) wayFor(g callerGroup) *Way {
	best := &o.ways[0]
	for i, way := range o.ways {
		labels := way.Rule.Selector
		if way.ruleSeenBy != nil && !slices.Contains(way.ruleSeenBy, g.namespace) || !includes(g.selector, labels) {
			continue
		}
		if len(labels) > len(best.Rule.Selector) || len(labels) == len(best.Rule.Selector) && way.ruleSeenBy != nil {
			best = &o.ways[i]
		}
	}
	return best
}

// namespaces are those that see the outlet, sorted; "*" alone for all.
func (o *outlet) namespaces() []string {
	var all []string
	for _, way := range o.ways {
		all = append(all, way.Namespaces()...)
	}
	if slices.Contains(all, "*") {
		return []string{"*"}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func includes(labels, some map[string]string) bool {
	for key, value := range some {
		if labels[key] != value {
			return false
		}
	}
	return true
}

// entrySite is where the outlet is declared.
func (o *outlet) entrySite() Site {
	way := &o.ways[0]
	if way.Port != nil {
		return Site{Path: way.Port.Service.Path, Way: way}
	}
	return Site{Path: way.To.Destination.Path, Way: way}
}

// protection says how calls are protected, and whose they are: "TLS, verified, from shop".
func (o *outlet) protection() string {
	first := o.ways[0]
	grades := []string{first.Grade().Words()}
	for _, way := range o.ways[1:] {
		if grade := way.Grade(); grade != first.Grade() {
			grades = append(grades, fmt.Sprintf("for %s %s", way.groupName(), grade.Words()))
		}
	}
	text := strings.Join(grades, "; ")
	if through := first.Through(); through != "" {
		text += ", through the gateway " + through
	}
	if waypoint := first.Waypoint(); waypoint != "" {
		text += ", for ambient pods by the waypoint " + waypoint
	}
	return text + ", from " + namespacesText(o.namespaces())
}

// groupName names whose way it is.
func (w Way) groupName() string {
	if w.ruleSeenBy == nil {
		return callerGroup{selector: w.Rule.Selector}.name()
	}
	return "namespaces " + strings.Join(w.ruleSeenBy, ", ")
}

func namespacesText(namespaces []string) string {
	if slices.Contains(namespaces, "*") {
		return "all namespaces"
	}
	return strings.Join(namespaces, ", ")
}

// sameService is the same for ports of one name that lead to one port of a server.
func (o *outlet) sameService() string {
	way := o.ways[0]
	if way.Port == nil {
		return ""
	}
	return fmt.Sprintf("%s %s:%d", way.Port.Service.ID(), way.To.Destination.Server, way.To.TargetPort)
}

// sameNamespace is the same for names of a namespace that lead to one port of a host.
func (o *outlet) sameNamespace() string {
	way := o.ways[0]
	if way.Port == nil || way.To.Destination.Server == "" {
		return ""
	}
	return fmt.Sprintf("%s %s:%d", way.Port.Service.Namespace, way.To.Destination.Server, way.To.TargetPort)
}

// substance writes all that makes the outlet, but its name.
func (o *outlet) substance() string {
	var text strings.Builder
	first := o.ways[0]
	to := first.To
	fmt.Fprintf(&text, "%s %v :%d %s %s %s %v declared %v", to.Destination.Server, to.Destination.Addresses, to.TargetPort, to.Protocol,
		first.Form(), first.Through()+first.Waypoint(), allowText(first.AllowFrom()), to.Destination.Declared())
	if first.Port != nil {
		fmt.Fprintf(&text, " Host %s %s", first.Port.Host, settingsText(first.Port.Route))
	}
	for _, way := range o.ways {
		fmt.Fprintf(&text, "\n%s %v %s %s", way.Workloads(), way.Namespaces(), settingsText(way.TLS()), settingsText(way.Rule.Policy))
	}
	return text.String()
}

func allowText(allow *AllowFrom) string {
	if allow == nil {
		return "everybody"
	}
	return strings.Join(slices.Sorted(slices.Values(callers(allow))), ", ")
}

// callers names those who may call: "namespace a", "service account a/b".
func callers(allow *AllowFrom) []string {
	if allow == nil {
		return nil
	}
	var all []string
	for _, namespace := range allow.Namespaces {
		all = append(all, "namespace "+namespace)
	}
	for _, account := range allow.ServiceAccounts {
		all = append(all, "service account "+account)
	}
	return all
}

// reach is what the outlets of a model reach: by server and port.
type reach map[string][]*outlet

func newReach(outlets []*outlet) reach {
	r := reach{}
	for _, o := range outlets {
		for _, server := range o.servers() {
			r[server] = append(r[server], o)
		}
	}
	return r
}

// servers are what an outlet leads to, by host or by each of its addresses, with the port.
func (o *outlet) servers() []string {
	to := o.ways[0].To
	port := strconv.Itoa(to.TargetPort)
	if host := to.Destination.Server; host != "" {
		return []string{net.JoinHostPort(host, port)}
	}
	var servers []string
	for _, address := range to.Destination.Addresses {
		servers = append(servers, net.JoinHostPort(address, port))
	}
	return servers
}

// leadingTo are the outlets that lead to a server, those of wildcard hosts that cover it among them.
func (r reach) leadingTo(server string) []*outlet {
	all := slices.Clone(r[server])
	for _, rest, found := strings.Cut(server, "."); found; _, rest, found = strings.Cut(rest, ".") {
		if wildcard := "*." + rest; wildcard != server {
			all = append(all, r[wildcard]...)
		}
	}
	return all
}

// classOfNew is what an outlet adds to the reach: Wider when some of its callers did not get to the server, Weaker when
// none got there as badly protected, else Changed.
func (r reach) classOfNew(o *outlet) Class {
	class := Changed
	for _, server := range o.servers() {
		same, weak := map[string]bool{}, map[string]bool{}
		for _, other := range r.leadingTo(server) {
			if allowText(other.ways[0].AllowFrom()) != allowText(o.ways[0].AllowFrom()) && other.ways[0].AllowFrom() != nil {
				continue
			}
			for _, namespace := range other.namespaces() {
				same[namespace] = true
				weak[namespace] = weak[namespace] || other.asWeakAs(o)
			}
		}
		for _, namespace := range o.namespaces() {
			switch {
			case !same["*"] && !same[namespace]:
				return Wider
			case !weak["*"] && !weak[namespace]:
				class = Weaker
			}
		}
	}
	return class
}

// asWeakAs tells whether an outlet is protected no better than another.
func (o *outlet) asWeakAs(other *outlet) bool {
	a, b := o.ways[0], other.ways[0]
	return o.worst() <= other.worst() && (a.Form() != FormClosed || b.Form() == FormClosed) && (a.Through() == "" || b.Through() != "")
}

// worst is the rank of the worst grade.
func (o *outlet) worst() int {
	rank := o.ways[0].Grade().Rank()
	for _, way := range o.ways[1:] {
		rank = min(rank, way.Grade().Rank())
	}
	return rank
}
