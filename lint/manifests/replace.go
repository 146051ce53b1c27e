package manifests

import (
	"fmt"
	"strings"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

// replacer writes the values entries that would replace objects. What the chart would refuse is not offered.
type replacer struct {
	chart *render.Chart
	set   *set
	made  map[string]string // by namespace and host
}

func newReplacer(chart *render.Chart, set *set) *replacer {
	return &replacer{chart: chart, set: set, made: map[string]string{}}
}

// forFinding returns the entry for the host that the finding's object is about, or nothing.
func (r *replacer) forFinding(finding lint.Finding) string {
	one, found := r.set.named(finding)
	if !found {
		return ""
	}
	service, host := r.set.subject(one)
	key := one.namespace + "/" + host
	if service.name != "" {
		key = service.namespace + "/" + service.name
	}
	made, known := r.made[key]
	if !known {
		made = r.write(one, service, host)
		r.made[key] = made
	}
	return made
}

// named returns the object of a finding.
func (s *set) named(finding lint.Finding) (object, bool) {
	for _, one := range s.objects {
		if one.document == finding.Document && one.file.Name == finding.Position.File && one.String() == finding.Object {
			return one, true
		}
	}
	return object{}, false
}

// subject returns the local Service that an object belongs to, if there is one, and the external host.
func (s *set) subject(one object) (object, string) {
	switch one.kind {
	case kindService:
		return s.subjectOfService(one)
	case kindEndpoints:
		return s.services[one.namespace+"/"+one.name], ""
	case kindEndpointSlice:
		name := text(child(child(one.fields, "metadata"), "labels"), "kubernetes.io/service-name")
		return s.services[one.namespace+"/"+name], ""
	case kindServiceEntry:
		hosts := texts(one.spec(), "hosts")
		if len(hosts) == 0 {
			return object{}, ""
		}
		return s.subjectOfHost(hosts[0], one.namespace)
	case kindDestinationRule:
		return s.subjectOfHost(fullHost(text(one.spec(), "host"), one.namespace), one.namespace)
	}
	return object{}, ""
}

func (s *set) subjectOfService(service object) (object, string) {
	if isAlias(service) && !leadsToIP(service) {
		return service, normalHost(text(service.spec(), "externalName"))
	}
	return service, ""
}

func (s *set) subjectOfHost(host, namespace string) (object, string) {
	if service, found := s.service(host); found {
		return s.subjectOfService(service)
	}
	for _, alias := range s.aliases[host] {
		if alias.namespace == namespace {
			return alias, host
		}
	}
	return object{}, host
}

// write builds the entry and asks the chart whether it would take it.
func (r *replacer) write(one, service object, host string) string {
	var to destination
	var known bool
	switch {
	case host != "":
		to, known = r.set.externalDestination(one.namespace, service, host)
	case service.name != "":
		to, known = r.set.endpointDestination(service)
	}
	if !known {
		return ""
	}
	text := yaml(to.entries())
	if text == "" {
		return ""
	}
	values, err := render.ParseValues([]byte(text))
	if err != nil {
		return ""
	}
	findings, err := r.chart.Findings(values, render.Options{})
	if err != nil {
		return ""
	}
	for _, finding := range findings {
		if finding.Severity == render.SeverityError {
			return ""
		}
	}
	return text
}

// valuesEntry is an entry of the chart's values, in the order in which it is written.
type valuesEntry struct {
	collection               string
	externalName, serverName string
	lines                    []string
}

func (e *valuesEntry) add(format string, args ...any) {
	e.lines = append(e.lines, fmt.Sprintf(format, args...))
}

// yaml writes entries of one collection.
func yaml(entries []*valuesEntry) string {
	if len(entries) == 0 {
		return ""
	}
	var text strings.Builder
	text.WriteString(entries[0].collection + ":\n")
	for _, entry := range entries {
		text.WriteString("  - " + strings.Join(entry.lines, "\n    ") + "\n")
	}
	return text.String()
}
