package manifests

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/render"
)

// replacer writes the values that would replace objects. Copies of the objects are put right as their author meant them, and read
// into a model, which is written as values. What these render to is read back: only values whose calls are those of the model are
// offered.
type replacer struct {
	chart  *render.Chart
	set    *set
	values map[string]string // by subject
}

func newReplacer(chart *render.Chart, set *set) *replacer {
	return &replacer{chart: chart, set: set, values: map[string]string{}}
}

// forFinding returns the values for what the finding is about, or nothing.
func (r *replacer) forFinding(f finding) string {
	if f.about == nil {
		return ""
	}
	sub := r.set.subjectOf(f.about)
	values, tried := r.values[sub.key()]
	if !tried {
		values = r.write(sub)
		r.values[sub.key()] = values
	}
	return values
}

// subject is what values replace: a local Service, an external host, or both.
type subject struct {
	namespace string
	service   *corev1.Service // nil when workloads call the host by its own name
	host      string          // external; empty for a Service in front of addresses
}

func (sub subject) key() string {
	if sub.service != nil {
		return egress.NameOf(sub.service).String()
	}
	return sub.namespace + " " + sub.host
}

// subjectOf returns what an object is about.
func (s *set) subjectOf(o *object) subject {
	if service, ok := o.value.(*corev1.Service); ok {
		return subjectOfService(service)
	}
	hosts := o.hosts()
	if len(hosts) == 0 {
		return subject{}
	}
	host := s.FullHost(hosts[0], o.name.Namespace)
	if service, found := s.Service(host, o.name.Namespace); found {
		return subjectOfService(service)
	}
	for _, alias := range s.Aliases(host) {
		if egress.NameOf(alias).Namespace == o.name.Namespace {
			return subjectOfService(alias)
		}
	}
	return subject{namespace: o.name.Namespace, host: host}
}

func subjectOfService(service *corev1.Service) subject {
	sub := subject{namespace: egress.NameOf(service).Namespace, service: service}
	if egress.IsAlias(service) && !leadsToIP(service) {
		sub.host = egress.NormalHost(service.Spec.ExternalName)
	}
	return sub
}

// write returns the values for a subject; empty where they could not say all of it.
func (r *replacer) write(sub subject) string {
	d, found := r.set.collect(sub)
	if found != nil || len(d.exits) > 0 || !d.repair(r.set) {
		return ""
	}
	model, ok := d.model(r.set.Domain)
	if !ok {
		return ""
	}
	values, rendered, err := r.chart.Recommend(model)
	if err != nil {
		return ""
	}
	text, err := values.YAML()
	if err != nil || r.warned(text) {
		return ""
	}
	declared := slices.ContainsFunc(rendered.Destinations, func(destination *egress.Destination) bool { return destination.Host == sub.host })
	if sub.service == nil && !declared {
		return fmt.Sprintf("# Workloads call %s.%s in place of %s.\n%s", d.name.Name, d.name.Namespace, sub.host, text)
	}
	return string(text)
}

// warned tells whether the chart warns of values: they would be no way out then.
func (r *replacer) warned(text []byte) bool {
	values, err := render.ParseValues(text)
	if err != nil {
		return true
	}
	findings, err := r.chart.Findings(values, render.Options{})
	return err != nil || len(findings) > 0
}
