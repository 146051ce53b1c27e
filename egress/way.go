package egress

import (
	"cmp"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// Way is one way out of the mesh: a port that workloads call, where it leads, and what one group of workloads does with
// the calls.
type Way struct {
	// Port is the port of the local name; nil for a host that is called by its own name.
	Port *Port
	// To is the port that it leads to.
	To *DestinationPort
	// Rule is what counts for the group.
	Rule *Rule

	ruleSeenBy []string // the namespaces in which the rule counts, where those are not all that see the host
	othersHave []string // the namespaces in which a rule counts that is hidden from this way's
}

// Ways returns all ways out of the mesh: those of local names, in the order of the services, and then those of hosts that
// are called by their own names alone. Names of services in the cluster lead to no way out.
func (m *Model) Ways() []Way {
	var ways []Way
	led := map[*DestinationPort]bool{}
	for _, service := range m.Services {
		for _, port := range service.Ports {
			to := leadsTo(port)
			led[to] = true
			if to != nil && !port.StaysInside() {
				ways = appendWays(ways, port, to)
			}
		}
	}
	for _, destination := range m.Destinations {
		if isPartOfMesh(destination) || destination.isHidden() || !destination.Declared() { // known by an alias alone, whose way is there
			continue
		}
		for _, to := range destination.Ports {
			if !led[to] || destination.others != nil {
				ways = appendWays(ways, nil, to)
			}
		}
	}
	return ways
}

// isHidden tells whether nobody sees the host by its own name: "~" is no namespace.
func (d *Destination) isHidden() bool { return slices.Equal(d.namespaces(), []string{"~"}) }

// appendWays adds a way for each group of workloads that there can be: a rule with a selector counts in the namespace of
// the destination alone. Where a rule is hidden from some who see the host, those do without.
func appendWays(ways []Way, port *Port, to *DestinationPort) []Way {
	for i := range to.Rules {
		way := Way{Port: port, To: to, Rule: &to.Rules[i]}
		seen := way.Namespaces()
		if len(seen) == 0 {
			continue
		}
		way, limited := way.limitedToRule(seen)
		if limited {
			ways = append(ways, Way{Port: port, To: to, Rule: &Rule{}, othersHave: way.ruleSeenBy})
		}
		if len(way.Namespaces()) > 0 {
			ways = append(ways, way)
		}
	}
	return ways
}

// rootNamespace is where rules count for all namespaces, unless the mesh says otherwise.
const rootNamespace = "istio-system"

// limitedToRule limits the way to the namespaces in which its rule counts, and tells whether those are not all of the given.
// Istio looks for the rules of a host in the caller's namespace, the host's and the root namespace.
func (w Way) limitedToRule(seen []string) (Way, bool) {
	object := w.RuleObject()
	if object == nil || len(w.Rule.Selector) > 0 {
		return w, false
	}
	namespace := NameOf(object).Namespace
	counts := visibleIn(object.Spec.GetExportTo(), namespace).namespaces()
	if namespace != w.To.Destination.Namespace && namespace != rootNamespace {
		counts = bothSee(counts, []string{namespace})
	}
	if waypoint, _, passes := strings.Cut(w.Waypoint(), "/"); passes && (slices.Contains(counts, "*") || slices.Contains(counts, waypoint)) {
		return w, false // which follows the rule for all ambient pods
	}
	if gateway, _, passes := strings.Cut(w.Through(), "/"); passes { // which follows the rule for all who call
		if slices.Contains(counts, "*") || slices.Contains(counts, gateway) {
			return w, false
		}
		w.ruleSeenBy = []string{}
		return w, true
	}
	if both := bothSee(seen, counts); !slices.Equal(both, seen) {
		w.ruleSeenBy = append([]string{}, both...)
		return w, true
	}
	return w, false
}

// RuleObject is the object that the way's rule was read from; nil for values, and where there is none.
func (w Way) RuleObject() *istio.DestinationRule {
	if w.Rule.TLS == nil && w.Rule.Policy == nil {
		return nil
	}
	for _, object := range w.To.Destination.Objects {
		rule, ok := object.(*istio.DestinationRule)
		if ok && !keepsSidecarsOut(rule) && maps.Equal(selectorOf(rule), w.Rule.Selector) {
			return rule
		}
	}
	return nil
}

// leadsTo is where calls of a port go; nil for a service in the cluster. An alias that the mesh does not connect with
// what is declared leads to its external name all the same.
func leadsTo(port *Port) *DestinationPort {
	service := port.Service
	if service.InCluster || service.ExternalName == "" || service.Form == FormClosed || port.To != nil && !service.misspelt() {
		return port.To
	}
	return &DestinationPort{
		Destination: &Destination{Kind: service.Kind, Namespace: service.Namespace, Host: service.ExternalName, Server: service.ExternalName, Objects: service.Objects},
		Number:      port.Number, TargetPort: port.Number, Protocol: ServiceProtocol(port.Name, port.AppProtocol, port.Number), Rules: []Rule{{}},
	}
}

// StaysInside tells whether calls of the port reach nothing outside of the cluster, as far as objects tell: those of a Service
// without a selector, endpoints and a route, those of a route to pods, and those of a route to a host or a port that no
// ServiceEntry declares, or to a subset that no rule has. Values have no such port, but for services of the cluster.
func (p *Port) StaysInside() bool {
	service, to := p.Service, leadsTo(p)
	switch {
	case service.Path != "" || service.InCluster:
		return service.InCluster
	case to == nil, p.lacksSubset:
		return true
	}
	if _, inCluster := ServiceName(to.Destination.Host, ""); inCluster {
		return len(to.Destination.Addresses) == 0 && !to.Destination.hasEntry()
	}
	return service.Form == FormClosed && !to.Destination.Declared()
}

// misspelt tells whether Istio does not take the alias for one of its host: capitals and a last dot are enough.
func (s *Service) misspelt() bool {
	return slices.ContainsFunc(s.Objects, func(object runtime.Object) bool {
		service, ok := object.(*corev1.Service)
		return ok && IsAlias(service) && service.Spec.ExternalName != s.ExternalName
	})
}

// isPartOfMesh tells whether ServiceEntries say that the host's workloads are in the mesh, as those of virtual machines.
func isPartOfMesh(d *Destination) bool {
	return slices.ContainsFunc(d.Objects, func(object runtime.Object) bool {
		entry, ok := object.(*istio.ServiceEntry)
		return ok && entry.Spec.GetLocation() == networking.ServiceEntry_MESH_INTERNAL
	})
}

// Declared tells whether the mesh knows the host: else calls leave as traffic to an unknown address, no rule has an effect
// on them, and meshes with REGISTRY_ONLY block them. Values declare all that they name.
func (d *Destination) Declared() bool {
	if d.Path != "" || slices.ContainsFunc(d.Services, func(s *Service) bool { return s.Host == d.Host }) {
		return true
	}
	if _, inCluster := ServiceName(d.Host, d.Namespace); inCluster {
		return true
	}
	return d.hasEntry()
}

// hasEntry tells whether a ServiceEntry declares it.
func (d *Destination) hasEntry() bool {
	return slices.ContainsFunc(d.Objects, func(object runtime.Object) bool {
		_, ok := object.(*istio.ServiceEntry)
		return ok
	})
}

// Name is how people call the server: by its host name, else by the name that stands in its certificate, else by the
// first of its addresses.
func (d *Destination) Name() string {
	if d.Server != "" {
		return d.Server
	}
	if len(d.Services) == 0 {
		return d.Host
	}
	for _, service := range d.Services {
		if service.ServerName != "" {
			return service.ServerName
		}
		if service.ExternalName == d.Host { // addresses behind a host name
			return d.Host
		}
	}
	return cmp.Or(d.FirstAddress, d.Host)
}

// Name is what workloads call, with the port: my-httpbin.default:80, or the host itself.
func (w Way) Name() string {
	if w.Port == nil {
		return net.JoinHostPort(w.To.Destination.Host, strconv.Itoa(w.To.Number))
	}
	return fmt.Sprintf("%s.%s:%d", w.Port.Service.Name, w.Port.Service.Namespace, w.Port.Number)
}

// host is the full name of a local name, or the host itself.
func (w Way) host() string {
	if w.Port == nil {
		return w.To.Destination.Host
	}
	return w.Port.Service.Host
}

// Form is how the local name is made; empty for a host that is called by its own name.
func (w Way) Form() Form {
	if w.Port == nil {
		return ""
	}
	return w.Port.Service.Form
}

// Through is the egress gateway on the way, as namespace/name; empty for none.
func (w Way) Through() string {
	if w.Port == nil {
		return ""
	}
	return w.Port.Service.Through
}

// AllowFrom is who may call; nil for everybody who sees the name.
func (w Way) AllowFrom() *AllowFrom {
	if w.Port == nil {
		return nil
	}
	return w.Port.Service.AllowFrom
}

// Waypoint is the waypoint that calls of ambient pods pass, as namespace/name; empty for none.
func (w Way) Waypoint() string {
	if w.Port == nil {
		return ""
	}
	return w.Port.Service.Waypoint
}

// Namespaces are those whose workloads take the way, sorted; "*" alone for all. Ambient pods see all names, whatever exportTo
// says.
func (w Way) Namespaces() []string {
	if w.Waypoint() != "" {
		return []string{"*"}
	}
	seen := w.To.Destination.namespaces()
	if w.Port == nil && w.To.Destination.others != nil {
		seen = w.To.Destination.others.namespaces()
	}
	if w.Port != nil && (w.Form() == FormClosed || w.Port.Service.ExternalName == "") { // everybody sees an open alias
		seen = w.To.Destination.SeenWith(w.Port.Service.Visibility)
	}
	if w.ruleSeenBy != nil {
		seen = bothSee(seen, w.ruleSeenBy)
	}
	if len(w.othersHave) > 0 && seen[0] != "*" { // all but a few cannot be told
		seen = without(seen, w.othersHave)
	}
	if len(w.Rule.Selector) > 0 { // Istio looks for selected rules in the workload's own namespace
		seen = bothSee(seen, []string{w.To.Destination.Namespace})
	}
	return seen
}

// namespaces resolves Istio's default too.
func (v Visibility) namespaces() []string {
	if v.All() {
		return []string{"*"}
	}
	return v.ExportTo
}

// SeenWith are the namespaces that see both, sorted; "*" alone for all.
func (v Visibility) SeenWith(other Visibility) []string {
	return bothSee(v.namespaces(), other.namespaces())
}

// bothSee returns the namespaces of both lists.
func bothSee(a, b []string) []string {
	switch {
	case len(a) > 0 && a[0] == "*":
		return b
	case len(b) > 0 && b[0] == "*":
		return a
	}
	var both []string
	for _, namespace := range a {
		if slices.Contains(b, namespace) {
			both = append(both, namespace)
		}
	}
	return both
}

// Workloads writes the labels of the workloads that take the way, as app=checkout,tier=web; empty for all that no other
// way names.
func (w Way) Workloads() string { return labelsText(w.Rule.Selector) }

func labelsText(selector map[string]string) string {
	var labels []string
	for _, key := range slices.Sorted(maps.Keys(selector)) {
		labels = append(labels, key+"="+selector[key])
	}
	return strings.Join(labels, ",")
}
