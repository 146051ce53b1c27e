package manifests

import (
	"regexp"
	"slices"
	"strings"

	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"
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

	origins []origin // the objects that the copies are of, the Service among them

	host      string   // external; empty for a Service in front of addresses
	exits     []string // hosts behind the routes of a closed service
	server    string   // the name that the server answers to, where it is not the host
	addresses []string // of the server
	exportTo  []string
	ports     []hostPort
}

// origin is an object, and the copy of it.
type origin struct {
	object *object
	value  kruntime.Object
}

// obstacle is why values cannot say what objects do: what one of them says.
type obstacle struct {
	object *object
	path   string // of its field; empty for the object as a whole
	reason string
}

// collect copies the objects of a subject. Not so where one of them says something that a model has no place for, or where others
// have a part in the calls: values that leave something out are worse than none.
func (s *set) collect(sub subject) (*draft, *obstacle) {
	d := &draft{service: sub.service, host: sub.host, name: types.NamespacedName{Namespace: sub.namespace, Name: nameOf(sub.host)}}
	if sub.service != nil {
		d.name = egress.NameOf(sub.service)
		d.origins = []origin{{s.objectOf(sub.service), sub.service}}
		copies(s, d, s.PoliciesOf(sub.service))
	} else if _, taken := s.Named(d.name); taken || len(s.Entries(sub.host, "")) == 0 {
		return nil, &obstacle{reason: "no Service leads to it"}
	}
	local := s.FullName(d.name)
	namespace := sub.namespace
	d.rules = copies(s, d, egress.OwnFirst(s.Rules(local, ""), namespace))
	d.routes = append(copies(s, d, egress.OwnFirst(s.Routes(local, ""), namespace)), copies(s, d, egress.OwnFirst(s.Routes(sub.host, ""), namespace))...)
	d.slices = copies(s, d, s.Slices(d.name))
	if mirrored := s.Mirrored(d.name); mirrored != nil {
		d.endpoints = copies(s, d, []*corev1.Endpoints{mirrored}) //nolint:staticcheck // deprecated, and still in use
	}
	if sub.host != "" {
		d.rules, d.aliasRules = copies(s, d, egress.OwnFirst(s.Rules(sub.host, ""), namespace)), d.rules
		d.entries = copies(s, d, egress.OwnFirst(s.Entries(sub.host, ""), namespace))
	}
	if len(d.entries) == 0 {
		d.entries = copies(s, d, egress.OwnFirst(s.Entries(local, ""), namespace))
	}
	hosts := append([]string{local, sub.host}, s.collectExits(d)...)
	for _, from := range d.origins {
		if found := s.obstacleIn(from.object, namespace, hosts); found != nil {
			return nil, found
		}
	}
	if found := s.involvesOthers(sub, d, local); found != nil {
		return nil, found
	}
	return d, s.underWildcard(d, hosts)
}

// collectExits copies what declares the hosts of a closed service, which its routes lead to, and returns them.
func (s *set) collectExits(d *draft) []string {
	if d.host != "" || d.service == nil || len(d.slices)+len(d.endpoints)+len(d.entries) > 0 {
		return nil
	}
	for _, lead := range s.leadsFrom[s.FullName(d.name)] {
		host := s.FullHost(lead.to.GetHost(), d.name.Namespace)
		if slices.Contains(d.exits, host) || !s.external(host) || host == s.FullName(d.name) {
			continue
		}
		d.exits = append(d.exits, host)
		d.entries = append(d.entries, copies(s, d, egress.OwnFirst(s.Entries(host, ""), d.name.Namespace))...)
		d.rules = append(d.rules, copies(s, d, egress.OwnFirst(s.Rules(host, ""), d.name.Namespace))...)
	}
	return d.exits
}

// obstacleIn finds what an object says that values of the namespace cannot say of the hosts.
func (s *set) obstacleIn(o *object, namespace string, hosts []string) *obstacle {
	switch unsaid := egress.UnsaidFields(o.value); {
	case len(o.misfits) > 0:
		return &obstacle{o, o.misfits[0].At.String(), o.misfits[0].Message}
	case !o.whole:
		return &obstacle{o, "", "another tool fills in a part of it: give what it makes of it"}
	case !s.knows(o):
		return &obstacle{o, "", "another object for its host does not fit its kind"}
	case o.name.Namespace != namespace:
		return &obstacle{o, "metadata.namespace", "values declare a name and its host in one namespace, and calls from " + namespace + " are for this one"}
	case len(unsaid) > 0:
		return &obstacle{o, unsaid[0], whyNoPlace(o.value, unsaid[0])}
	case !s.onlyNames(o, hosts...):
		return &obstacle{o, "", "it is for other hosts too"}
	}
	return nil
}

// whyNoPlace tells why values have no place for a field of an object that a model does not know.
func whyNoPlace(object any, path string) string {
	switch path {
	case "spec.location":
		return "the host counts as one of the mesh, and values have hosts outside of it alone"
	case "spec.resolution":
		if entry, ok := object.(*istio.ServiceEntry); ok {
			return whyNoPlaceForResolution(entry.Spec.GetResolution())
		}
	case `metadata.labels["istio.io/use-waypoint"]`:
		return "calls of the host pass a waypoint, to which values bind local names alone"
	case "spec.exportTo":
		return "values give all objects of an entry one exportTo, and its objects have several: write the same in all of them first"
	case "spec.subjectAltNames":
		return "values have the names that TLS verifies in tls.subjectAltNames: move them into the DestinationRule first"
	}
	return "values have no place for it"
}

func whyNoPlaceForResolution(resolution networking.ServiceEntry_Resolution) string {
	switch resolution {
	case networking.ServiceEntry_DNS_ROUND_ROBIN:
		return "calls go to one address of the host at a time, and those of values to all that DNS gives: write DNS first, if the server has its addresses for good"
	case networking.ServiceEntry_DYNAMIC_DNS:
		return "proxies look up the name that a call asks for, and calls of a wildcard in values go to the address that the workload calls"
	case networking.ServiceEntry_NONE, networking.ServiceEntry_STATIC, networking.ServiceEntry_DNS:
	}
	return "calls go to the address that the workload calls, and those of values to what DNS gives for the host, or to addresses under endpointServices"
}

// involvesOthers tells whether others lead calls here, or declare more of the host: what is missing here stands there.
func (s *set) involvesOthers(sub subject, d *draft, local string) *obstacle {
	var entries []*istio.ServiceEntry
	if sub.host != "" {
		entries = s.Entries(sub.host, "")
	}
	for _, lead := range slices.Concat(s.leadsTo[sub.host], s.leadsTo[local]) {
		from := s.objectOf(lead.from)
		there := slices.ContainsFunc(entries, func(entry *istio.ServiceEntry) bool { return egress.NameOf(entry).Namespace == from.name.Namespace })
		if !d.has(from) && (from.name.Namespace == sub.namespace || !there) { // else it goes by what its namespace declares
			return &obstacle{from, lead.path, "it leads other calls here"}
		}
	}
	if len(entries) > 0 {
		for _, port := range s.hiddenPorts(egress.OwnFirst(entries, sub.namespace), entries) {
			return &obstacle{port.owner, port.path, "it declares more of the host than namespace " + sub.namespace + " does"}
		}
	}
	return nil
}

// copies returns deep copies, and notes where they come from.
func copies[T interface {
	metav1.Object
	kruntime.Object
	DeepCopy() T
}](s *set, d *draft, values []T) []T {
	var copied []T
	for _, value := range values {
		c := value.DeepCopy()
		d.origins = append(d.origins, origin{s.objectOf(value), c})
		copied = append(copied, c)
	}
	return copied
}

// has tells whether an object is one of those that the draft is made of.
func (d *draft) has(o *object) bool {
	return slices.ContainsFunc(d.origins, func(from origin) bool { return from.object == o })
}

// onlyNames tells whether an object says nothing about hosts other than these; and an entry about one alone.
func (s *set) onlyNames(o *object, hosts ...string) bool {
	named := o.hosts()
	return o.kind == "Service" || (o.kind != "ServiceEntry" || len(named) == 1) && !slices.ContainsFunc(named, func(name string) bool {
		return !slices.Contains(hosts, s.FullHost(name, o.name.Namespace))
	})
}

// underWildcard tells whether something for many hosts counts for those of the draft: a route, or a rule where there is none for
// everybody. Istio follows no rules for the name of an alias, and those of a service of the cluster are not the alias's.
func (s *set) underWildcard(d *draft, hosts []string) *obstacle {
	general := slices.ContainsFunc(d.rules, func(rule *istio.DestinationRule) bool { return !hasSelector(rule) })
	for _, host := range hosts {
		noRules := general || d.service != nil && egress.IsAlias(d.service) && inCluster(host)
		for rest, more := host, host != ""; more; {
			_, rest, more = strings.Cut(rest, ".")
			pattern := "*"
			if more {
				pattern = "*." + rest
			}
			if routes := s.Routes(pattern, ""); len(routes) > 0 {
				return &obstacle{s.objectOf(routes[0]), "spec.hosts", "it counts for " + host + " too"}
			}
			if rules := s.Rules(pattern, ""); len(rules) > 0 && !noRules {
				return &obstacle{s.objectOf(rules[0]), "spec.host", "it counts for " + host + " too"}
			}
		}
	}
	if isWildcard(d.host) {
		return &obstacle{reason: "a wildcard has no name of its own"}
	}
	return nil
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
