package manifests

import (
	"regexp"
	"slices"
	"strings"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/istio-egress/istio-egress/egress"
)

// draft is what a replacement is made of: copies of the objects of a subject, and what they were found to say.
type draft struct {
	name       types.NamespacedName
	service    *corev1.Service       // nil when workloads call the host by its own name
	entries    []*istio.ServiceEntry // of the host, else of the Service's own name
	rules      []*istio.DestinationRule
	aliasRules []*istio.DestinationRule // for the name of an alias, where Istio follows none
	routes     []*istio.VirtualService
	slices     []*discoveryv1.EndpointSlice
	endpoints  []*corev1.Endpoints //nolint:staticcheck // deprecated, and still in use

	host      string   // external; empty for a Service in front of addresses
	server    string   // the name that the server answers to, where it is not the host
	addresses []string // of the server
	exportTo  []string
	ports     []hostPort
}

// collect copies the objects of a subject. Not so where one of them says something that a model has no place for, or where others
// have a part in the calls: a replacement that leaves something out is worse than none.
func (s *set) collect(sub subject) (*draft, bool) {
	d := &draft{service: sub.service, host: sub.host, name: types.NamespacedName{Namespace: sub.namespace, Name: nameOf(sub.host)}}
	parts := map[*object]bool{}
	if sub.service != nil {
		d.name = egress.NameOf(sub.service)
		parts[s.objectOf(sub.service)] = true
	} else if _, taken := s.Named(d.name); taken || len(s.Entries(sub.host, "")) == 0 {
		return nil, false
	}
	local := s.FullName(d.name)
	own := sub.namespace
	d.rules = copies(s, egress.OwnFirst(s.Rules(local, ""), own), parts)
	d.routes = append(copies(s, egress.OwnFirst(s.Routes(local, ""), own), parts), copies(s, egress.OwnFirst(s.Routes(sub.host, ""), own), parts)...)
	d.slices = copies(s, s.Slices(d.name), parts)
	if mirrored := s.Mirrored(d.name); mirrored != nil {
		d.endpoints = copies(s, []*corev1.Endpoints{mirrored}, parts) //nolint:staticcheck // deprecated, and still in use
	}
	if sub.host != "" {
		d.rules, d.aliasRules = copies(s, egress.OwnFirst(s.Rules(sub.host, ""), own), parts), d.rules
		d.entries = copies(s, egress.OwnFirst(s.Entries(sub.host, ""), own), parts)
	}
	if len(d.entries) == 0 {
		d.entries = copies(s, egress.OwnFirst(s.Entries(local, ""), own), parts)
	}
	for o := range parts {
		if !s.knows(o) || o.name.Namespace != own || len(egress.UnsaidFields(o.value)) > 0 || !s.onlyNames(o, sub.host, local) {
			return nil, false
		}
	}
	return d, !s.involvesOthers(sub, local, parts) && !s.underWildcard(d, sub.host, local)
}

// involvesOthers tells whether others lead calls here, or declare more of the host: what is missing here stands there.
func (s *set) involvesOthers(sub subject, local string, parts map[*object]bool) bool {
	var entries []*istio.ServiceEntry
	if sub.host != "" {
		entries = s.Entries(sub.host, "")
	}
	for _, lead := range slices.Concat(s.leadsTo[sub.host], s.leadsTo[local]) {
		namespace := egress.NameOf(lead.from).Namespace
		there := slices.ContainsFunc(entries, func(entry *istio.ServiceEntry) bool { return egress.NameOf(entry).Namespace == namespace })
		if !parts[s.objectOf(lead.from)] && (namespace == sub.namespace || !there) { // else it goes by what its namespace declares
			return true
		}
	}
	return len(entries) > 0 && len(s.hiddenPorts(egress.OwnFirst(entries, sub.namespace), entries)) > 0
}

// copies returns deep copies, and adds the originals to the parts.
func copies[T interface {
	metav1.Object
	DeepCopy() T
}](s *set, values []T, parts map[*object]bool) []T {
	var copied []T
	for _, value := range values {
		parts[s.objectOf(value)] = true
		copied = append(copied, value.DeepCopy())
	}
	return copied
}

// onlyNames tells whether an object says nothing about hosts other than these; and an entry about one alone.
func (s *set) onlyNames(o *object, hosts ...string) bool {
	named := o.hosts()
	return o.kind == "Service" || (o.kind != "ServiceEntry" || len(named) == 1) && !slices.ContainsFunc(named, func(name string) bool {
		return !slices.Contains(hosts, s.FullHost(name, o.name.Namespace))
	})
}

// underWildcard tells whether something for many hosts counts for those of the draft: a route, or a rule where there is none for
// everybody.
func (s *set) underWildcard(d *draft, hosts ...string) bool {
	general := slices.ContainsFunc(d.rules, func(rule *istio.DestinationRule) bool { return !hasSelector(rule) })
	for _, host := range hosts {
		for rest, more := host, host != ""; more; {
			_, rest, more = strings.Cut(rest, ".")
			pattern := "*"
			if more {
				pattern = "*." + rest
			}
			if len(s.Routes(pattern, "")) > 0 || !general && len(s.Rules(pattern, "")) > 0 {
				return true
			}
		}
	}
	return isWildcard(hosts[0])
}

var notLabel = regexp.MustCompile(`[^a-z0-9]+`)

// nameOf makes a Service name of a host: api.example.com becomes api-example-com.
func nameOf(host string) string {
	name := strings.Trim(notLabel.ReplaceAllString(host, "-"), "-")
	if name == "" || name[0] < 'a' {
		name = "ext-" + name
	}
	return strings.TrimRight(name[:min(len(name), 63)], "-")
}
