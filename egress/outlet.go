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
		all = append(all, &outlet{id: id, name: way.Name(), ways: []Way{way}})
	}
	return all
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

// wayFor is the way of the workloads with the labels of a selector.
func (o *outlet) wayFor(selector map[string]string) *Way {
	best := &o.ways[0]
	for i, way := range o.ways {
		labels := way.Rule.Selector
		if len(labels) > len(best.Rule.Selector) && includes(selector, labels) {
			best = &o.ways[i]
		}
	}
	return best
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
		return Site{way.Port.Service.Path, way}
	}
	return Site{way.To.Destination.Path, way}
}

// protection says how calls are protected, and whose they are: "TLS, verified, from shop".
func (o *outlet) protection() string {
	first := o.ways[0]
	grades := []string{first.Grade().Words()}
	for _, way := range o.ways[1:] {
		if grade := way.Grade(); grade != first.Grade() {
			grades = append(grades, fmt.Sprintf("for workloads %s %s", way.Workloads(), grade.Words()))
		}
	}
	text := strings.Join(grades, "; ")
	if through := first.Through(); through != "" {
		text += ", through the gateway " + through
	}
	return text + ", from " + namespacesText(first.Namespaces())
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
		first.Form(), first.Through(), allowText(first.AllowFrom()), to.Destination.Declared())
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

// classOfNew is what an outlet adds to the reach: Wider when some of its callers did not get to the server, Weaker when
// none got there as badly protected, else Changed.
func (r reach) classOfNew(o *outlet) Class {
	class := Changed
	for _, server := range o.servers() {
		same, weak := map[string]bool{}, map[string]bool{}
		for _, other := range r[server] {
			if allowText(other.ways[0].AllowFrom()) != allowText(o.ways[0].AllowFrom()) && other.ways[0].AllowFrom() != nil {
				continue
			}
			for _, namespace := range other.ways[0].Namespaces() {
				same[namespace] = true
				weak[namespace] = weak[namespace] || other.asWeakAs(o)
			}
		}
		for _, namespace := range o.ways[0].Namespaces() {
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
