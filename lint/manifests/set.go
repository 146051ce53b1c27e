package manifests

import (
	"fmt"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/position"
)

// set is all objects of the manifests, with what the checks look up.
type set struct {
	objects  []object
	others   int                 // objects of kinds that no check looks at
	services map[string]object   // by namespace/name
	entries  map[string][]object // ServiceEntries by host
	rules    map[string][]object // DestinationRules by full host
	routes   map[string][]object // VirtualServices by full host
	aliases  map[string][]object // ExternalName Services by the host that they lead to, in lower case without last dot
	slices   map[string][]object // EndpointSlices and Endpoints by namespace/name of their Service
	patterns map[string]bool     // hosts with a wildcard, of entries, rules and routes
}

func newSet() *set { return &set{} }

// add reads a file's objects. Findings are of what is not YAML.
func (s *set) add(source source) []lint.Finding {
	documents, faults := position.Documents(source.name, source.data)
	var findings []lint.Finding
	for _, fault := range faults {
		switch fault.ID { // other faults do not keep Kubernetes from reading the object
		case position.FaultSyntax, position.FaultTooLarge:
			findings = append(findings, source.unread(fault))
		}
	}
	if len(findings) > 0 && hasFault(faults, position.FaultTooLarge) {
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
func (s source) unread(fault position.Fault) lint.Finding {
	finding := lint.Finding{ID: fault.ID, Severity: lint.Error, Message: fault.Message, Position: fault.Position}
	if at, found := templateAction(s.data, fault.Position); found && fault.ID == position.FaultSyntax {
		finding.Message, finding.Position = templateMessage, at
	}
	return finding
}

func hasFault(faults []position.Fault, id string) bool {
	for _, fault := range faults {
		if fault.ID == id {
			return true
		}
	}
	return false
}

func (s *set) addObject(node position.Node, file *position.File, at position.Path, document int) {
	if kind, _ := node.Field("kind").Text(); kind == "List" && len(at) == 0 {
		for i, item := range node.Field("items").Items() {
			s.addObject(item, file, at.Join(position.Key("items"), position.Index(i)), document)
		}
		return
	}
	if o, ours := newObject(node, file, at, document); ours {
		s.objects = append(s.objects, o)
	} else if o.kind != "" {
		s.others++
	}
}

func (s *set) index() {
	s.services = map[string]object{}
	s.entries, s.rules, s.routes = map[string][]object{}, map[string][]object{}, map[string][]object{}
	s.aliases, s.slices = map[string][]object{}, map[string][]object{}
	for _, one := range s.objects {
		switch one.kind {
		case kindService:
			s.services[one.namespace+"/"+one.name] = one
			if name := text(one.spec(), "externalName"); isAlias(one) {
				host := normalHost(name)
				s.aliases[host] = append(s.aliases[host], one)
			}
		case kindServiceEntry:
			for _, host := range texts(one.spec(), "hosts") {
				s.entries[host] = append(s.entries[host], one)
			}
		case kindDestinationRule:
			host := fullHost(text(one.spec(), "host"), one.namespace)
			s.rules[host] = append(s.rules[host], one)
		case kindVirtualService:
			for _, name := range texts(one.spec(), "hosts") {
				host := fullHost(name, one.namespace)
				s.routes[host] = append(s.routes[host], one)
			}
		case kindEndpointSlice:
			service := text(child(child(one.fields, "metadata"), "labels"), "kubernetes.io/service-name")
			key := one.namespace + "/" + service
			s.slices[key] = append(s.slices[key], one)
		case kindEndpoints:
			key := one.namespace + "/" + one.name
			s.slices[key] = append(s.slices[key], one)
		}
	}
	s.patterns = map[string]bool{}
	for _, hosts := range []map[string][]object{s.entries, s.rules, s.routes} {
		for host := range hosts {
			if strings.HasPrefix(host, "*") {
				s.patterns[host] = true
			}
		}
	}
}

func isAlias(service object) bool {
	return text(service.spec(), "type") == "ExternalName" && text(service.spec(), "externalName") != ""
}

func normalHost(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) }

const clusterDomain = "cluster.local"

// fullHost is how Istio reads a host in a rule: a name without dots is a Service of the rule's namespace. Names with the
// namespace, or with ".svc", are completed too: they are what their author meant.
func fullHost(host, namespace string) string {
	labels := strings.Split(host, ".")
	switch {
	case strings.Contains(host, "*") || host == "":
		return host
	case len(labels) == 1:
		return serviceHost(namespace, host)
	case len(labels) == 3 && labels[2] == "svc":
		return host + "." + clusterDomain
	}
	return host
}

func serviceHost(namespace, name string) string {
	return fmt.Sprintf("%s.%s.svc.%s", name, namespace, clusterDomain)
}

// service returns the Service of a full host, if it is among the manifests.
func (s *set) service(host string) (object, bool) {
	name, rest, _ := strings.Cut(host, ".")
	namespace, rest, _ := strings.Cut(rest, ".")
	if rest != "" && !strings.HasPrefix(rest, "svc.") {
		return object{}, false
	}
	service, found := s.services[namespace+"/"+name]
	return service, found
}

func inCluster(host string) bool { return strings.Contains(host, ".svc.") }

// external tells whether a rule's host is outside the mesh: a ServiceEntry's, an endpoint service's, or none that the
// manifests know as a Service of pods.
func (s *set) external(host string) bool {
	if service, found := s.service(host); found {
		return len(child(service.spec(), "selector")) == 0
	}
	return !inCluster(host) && !strings.HasPrefix(host, "*") && strings.Contains(host, ".")
}
