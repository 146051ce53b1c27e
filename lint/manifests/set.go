package manifests

import (
	"iter"
	"slices"
	"strings"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/position"
)

// set is all objects of the manifests, with what the checks look up.
type set struct {
	*egress.Objects
	all          []*object
	others       int       // objects of kinds that no check looks at
	untyped      []*object // of them, lists such as a ServiceList, whose items leave out their kind
	ofIstio      []*object // those of them that are kinds of Istio's
	byValue      map[metav1.Object]*object
	unknownHosts map[string]bool   // hosts of which some object is not known as a whole
	leadsFrom    map[string][]lead // by the full hosts that workloads call
	leadsTo      map[string][]lead // by the full hosts that they lead to
	atGateways   map[string]bool   // full hosts that gateways serve or call
	dnsCapture   bool              // sidecars answer DNS, and give hosts addresses of their own
	options      lint.Options
}

// add reads a file's objects. Findings are of what is not YAML.
func (s *set) add(source source) []finding {
	documents, faults := position.Documents(source.name, source.data)
	var findings []finding
	tooLarge := false
	for _, fault := range faults {
		switch fault.ID { // other faults do not keep Kubernetes from reading the object
		case position.FaultSyntax, position.FaultTooLarge:
			findings = append(findings, source.unread(fault))
			tooLarge = tooLarge || fault.ID == position.FaultTooLarge
		}
	}
	if tooLarge {
		return findings
	}
	for i, document := range documents {
		if fault := document.LoadFault(); fault != nil {
			findings = append(findings, source.unread(*fault))
			continue
		}
		s.addObject(document.Root(), document, nil, i+1)
	}
	return findings
}

// unread reports what could not be read.
func (s source) unread(fault position.Fault) finding {
	found := lint.Finding{ID: fault.ID, Severity: lint.Error, Message: fault.Message, Position: fault.Position}
	if at, isTemplate := templateAction(s.data, fault.Position); isTemplate && fault.ID == position.FaultSyntax {
		found.Message, found.Position = templateMessage, at
	}
	return finding{Finding: found}
}

func (s *set) addObject(node position.Node, file *position.File, at position.Path, document int) {
	kind, _ := node.Field("kind").Text()
	if strings.HasSuffix(kind, "List") && len(at) == 0 && node.Field("items").Kind() == position.List {
		s.addItems(node, file, document)
		return
	}
	if o := readObject(node, file, at, document); o != nil {
		s.all = append(s.all, o)
	} else if kind != "" {
		s.others++
		if group := groupOf(node); strings.HasSuffix(group, ".istio.io") {
			s.ofIstio = append(s.ofIstio, &object{kind: kind, group: group, name: nameIn(node), node: node, file: file, at: at, document: document})
		}
	}
}

// addItems reads the items of a list. Those that the API server gives of its own kinds have no kind themselves.
func (s *set) addItems(list position.Node, file *position.File, document int) {
	untyped := false
	for i, item := range list.Field("items").Items() {
		if _, typed := item.Field("kind").Text(); typed {
			s.addObject(item, file, position.Path{position.Key("items"), position.Index(i)}, document)
		} else {
			untyped = true
		}
	}
	if untyped {
		kind, _ := list.Field("kind").Text()
		s.others++
		s.untyped = append(s.untyped, &object{kind: kind, node: list, file: file, document: document})
	}
}

// index makes what the checks look up of the objects.
func (s *set) index() {
	values := make([]kruntime.Object, 0, len(s.all))
	s.byValue = make(map[metav1.Object]*object, len(s.all))
	for _, o := range s.all {
		if value, ok := o.value.(metav1.Object); ok {
			values = append(values, o.value)
			s.byValue[value] = o
		}
	}
	s.Objects = egress.NewObjects(values)
	s.unknownHosts = map[string]bool{}
	for _, o := range s.all {
		for _, host := range o.hosts() {
			if !o.whole {
				s.unknownHosts[s.FullHost(host, o.name.Namespace)] = true
			}
		}
	}
	s.leadsFrom, s.leadsTo, s.atGateways = map[string][]lead{}, map[string][]lead{}, map[string]bool{}
	for _, route := range s.VirtualServices {
		s.indexLeads(route)
	}
}

func (s *set) indexLeads(from *istio.VirtualService) {
	namespace := egress.NameOf(from).Namespace
	served := slices.ContainsFunc(from.Spec.GetGateways(), isGateway)
	hosts := make([]string, len(from.Spec.GetHosts()))
	for i, host := range from.Spec.GetHosts() {
		hosts[i] = s.FullHost(host, namespace)
		s.atGateways[hosts[i]] = s.atGateways[hosts[i]] || served
	}
	for _, route := range routesOf(from) {
		for _, lead := range route.leads() {
			to := s.FullHost(lead.to.GetHost(), namespace)
			s.leadsTo[to] = append(s.leadsTo[to], lead)
			s.atGateways[to] = s.atGateways[to] || served
			for _, host := range hosts {
				s.leadsFrom[host] = append(s.leadsFrom[host], lead)
			}
		}
	}
}

// objectOf is where a value stands.
func (s *set) objectOf(value metav1.Object) *object { return s.byValue[value] }

// judged returns the objects of a kind, in the order of the files, of which all is known that bears on them: what belongs to an
// object that Kubernetes would refuse is looked at when that is right.
func judged[T metav1.Object](s *set, values []T) iter.Seq2[*object, T] {
	return func(yield func(*object, T) bool) {
		for _, value := range values {
			if o := s.byValue[value]; s.knows(o) && !yield(o, value) {
				return
			}
		}
	}
}

func (s *set) knows(o *object) bool {
	for _, host := range o.hosts() {
		if s.unknownHosts[s.FullHost(host, o.name.Namespace)] {
			return false
		}
	}
	return o.whole
}

// rulesInEffect are the DestinationRules that Istio follows: not those for the name of an alias.
func (s *set) rulesInEffect() iter.Seq2[*object, *istio.DestinationRule] {
	return func(yield func(*object, *istio.DestinationRule) bool) {
		for o, rule := range judged(s, s.DestinationRules) {
			if _, ofAlias := s.alias(s.hostOf(rule)); !ofAlias && !yield(o, rule) {
				return
			}
		}
	}
}

// hostOf is the full host that a rule is for.
func (s *set) hostOf(rule *istio.DestinationRule) string {
	return s.FullHost(rule.Spec.GetHost(), egress.NameOf(rule).Namespace)
}

// alias returns the ExternalName Service that a full host names.
func (s *set) alias(host string) (*corev1.Service, bool) {
	service, found := s.Service(host, "")
	return service, found && egress.IsAlias(service)
}

// external tells whether a full host is outside the mesh: a ServiceEntry's, an endpoint service's, or none that the manifests
// know as a Service of pods.
func (s *set) external(host string) bool {
	if service, found := s.Service(host, ""); found {
		return len(service.Spec.Selector) == 0
	}
	return !inCluster(host) && !isWildcard(host) && strings.Contains(host, ".")
}

func inCluster(host string) bool {
	_, ok := egress.ServiceName(host, "")
	return ok
}

func isWildcard(host string) bool { return strings.HasPrefix(host, "*") }
