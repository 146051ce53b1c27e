package manifests

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// Imported is what values say of objects, and what they do not.
type Imported struct {
	// Entries do what the objects do, as far as Changed of each does not tell more.
	Entries []Entry
	// Unsaid are objects, and parts of them, that the values do not declare, in the order of the files.
	Unsaid []Unsaid
	Read   Read
}

// Entry is an entry of the values, and the objects that it stands for.
type Entry struct {
	Values render.Values // the entry alone
	From   []Source
	// Changed are the ways in which calls are protected better than by the objects; none where the entry does the same.
	Changed []string
	// Closing is what changes when the entry of an open name is closed, and how that is written.
	Closing []string
	Closed  string // such as serviceType: ClusterIP; empty where the name is closed, or leads to a service of the cluster

	draft   *draft
	model   *egress.Model
	assumed []string // of Changed: what the model of the objects does not tell
}

// Source is an object, and where it stands.
type Source struct {
	Object   string // such as ServiceEntry default/httpbin
	Position position.Position
}

// Unsaid is what no entry declares, and why.
type Unsaid struct {
	Source
	Path   string // of the field; empty for the object as a whole
	Reason string
}

// Import reads manifests as [Lint] does, and writes them as values: an entry for each local name that leads out of the mesh, and
// for hosts that are called by their own names. An
// entry is there when the chart's model of it does with calls what the objects do, or protects them better. The error is for paths
// that could not be read.
func Import(paths []string, stdin io.Reader) (*Imported, error) {
	chart, err := render.Load()
	if err != nil {
		return nil, err
	}
	sources, err := readPaths(paths, inputfile.Once(stdin))
	if err != nil {
		return nil, err
	}
	i := &importer{chart: chart, set: &set{}, said: map[*object]bool{}}
	for _, source := range sources {
		for _, fault := range i.set.add(source) {
			i.unsaid = append(i.unsaid, Unsaid{Source{"", fault.Position}, "", fault.Message})
		}
	}
	i.set.splitHosts()
	i.set.dropMirrored()
	i.set.index()
	i.importServices()
	i.importHosts()
	if err := i.proveTogether(); err != nil {
		return nil, err
	}
	i.listTheRest()
	i.mergeHosts()
	i.nameHostsApart()
	return i.result(len(sources)), nil
}

type importer struct {
	chart   *render.Chart
	set     *set
	entries []Entry
	unsaid  []Unsaid
	said    map[*object]bool // by an entry or among the unsaid
}

func (i *importer) add(found obstacle) {
	i.said[found.object] = true
	at, exists := found.object.place(found.path)
	if !exists {
		at, _ = found.object.place("")
	}
	i.unsaid = append(i.unsaid, Unsaid{Source{found.object.String(), at}, found.path, found.reason})
}

// importServices writes an entry for each Service that leads out of the mesh.
func (i *importer) importServices() {
	for _, service := range i.set.Services {
		o := i.set.objectOf(service)
		if !i.leadsOut(service) {
			continue
		}
		entry, found := i.entryFor(service)
		if found == nil {
			i.entries = append(i.entries, *entry)
			continue
		}
		i.refuse(o, found)
	}
}

// refuse lists a Service that no entry stands for, by what one of its objects says.
func (i *importer) refuse(service *object, found *obstacle) {
	if found.object == nil || found.object == service {
		i.add(obstacle{service, found.path, found.reason})
		return
	}
	at := found.object.String()
	if found.path != "" {
		at += ": " + found.path
	}
	i.add(obstacle{service, "", at + ": " + found.reason})
	if !i.said[found.object] {
		i.add(*found)
	}
}

// leadsOut tells whether a Service is an alias, or one without pods: not one that Kubernetes has for itself.
func (i *importer) leadsOut(service *corev1.Service) bool {
	if service.Labels["component"] == "apiserver" && service.Labels["provider"] == "kubernetes" {
		return false
	}
	return egress.IsAlias(service) || len(service.Spec.Selector) == 0
}

// entryFor writes the entry for a Service, and proves that it does what the objects do.
func (i *importer) entryFor(service *corev1.Service) (*Entry, *obstacle) {
	if len(service.Spec.Ports) == 0 {
		return nil, &obstacle{path: "spec", reason: "it declares no ports, and values need them: add those that workloads call"}
	}
	d, found := i.set.collect(subjectOfService(service))
	if found != nil {
		return nil, found
	}
	model, found := d.declared(i.set.Domain)
	if found != nil {
		return nil, found
	}
	entry := &Entry{Values: render.ValuesOf(model), draft: d, model: model}
	if found := i.prove(entry); found != nil {
		return nil, found
	}
	for _, from := range d.origins {
		at, _ := from.object.place("")
		entry.From = append(entry.From, Source{from.object.String(), at})
	}
	if err := i.tellClosing(entry); err != nil {
		return nil, &obstacle{reason: err.Error()}
	}
	return entry, nil
}

// declared is what the objects of the draft say as they are, without repair.
func (d *draft) declared(domain string) (*egress.Model, *obstacle) {
	values := make([]kruntime.Object, len(d.origins))
	for i, from := range d.origins {
		values[i] = from.value
	}
	objects := egress.NewObjects(values)
	objects.Domain = domain
	model := only(egress.FromObjects(objects), d.name.String())
	service := model.Services[0]
	lost := service.Unsaid()
	for _, destination := range model.Destinations {
		lost = append(lost, destination.Unsaid()...)
	}
	if len(lost) > 0 {
		return nil, &obstacle{d.originOf(lost[0].Object), lost[0].Path, whyNoPlace(lost[0].Path)}
	}
	for _, port := range service.Ports {
		if port.To == nil && !service.InCluster {
			return nil, &obstacle{reason: fmt.Sprintf("port %d leads nowhere", port.Number)}
		}
	}
	if service.InCluster && len(d.origins) > 1 {
		return nil, &obstacle{d.origins[1].object, "", "it is for a service of the cluster, to which the mesh's own rules apply"}
	}
	return model, nil
}

func (d *draft) originOf(value kruntime.Object) *object {
	for _, from := range d.origins {
		if from.value == value {
			return from.object
		}
	}
	return nil
}

// only is the part of a model that a service has: its destinations, and those ports of them to which it leads.
func only(model *egress.Model, id string) *egress.Model {
	part := &egress.Model{DataPlane: model.DataPlane}
	for _, service := range model.Services {
		if service.ID() == id {
			part.Services = []*egress.Service{service}
		}
	}
	if len(part.Services) == 0 {
		return part
	}
	led := map[*egress.DestinationPort]bool{}
	for _, port := range part.Services[0].Ports {
		led[port.To] = true
	}
	for _, destination := range model.Destinations {
		copied := *destination
		copied.Ports = slices.DeleteFunc(slices.Clone(destination.Ports), func(port *egress.DestinationPort) bool { return !led[port] })
		if len(copied.Ports) > 0 {
			part.Destinations = append(part.Destinations, &copied)
		}
	}
	return part
}

// prove declares an entry by itself.
func (i *importer) prove(entry *Entry) *obstacle {
	text, err := entry.Values.YAML()
	if err != nil {
		return &obstacle{reason: err.Error()}
	}
	declared, findings, err := i.declare(text)
	if err != nil {
		return &obstacle{reason: err.Error()}
	}
	for _, finding := range findings {
		if finding.Severity == render.SeverityError {
			return &obstacle{reason: "the chart refuses it: " + finding.Message}
		}
	}
	return entry.compare(entry.partOf(declared))
}

// declareValues declares values that the chart takes.
func (i *importer) declareValues(values render.Values) (*egress.Model, error) {
	text, err := values.YAML()
	if err != nil {
		return nil, err
	}
	model, _, err := i.declare(text)
	return model, err
}

func (i *importer) declare(text []byte) (*egress.Model, []render.Finding, error) {
	values, err := render.ParseValues(text)
	if err != nil {
		return nil, nil, err
	}
	return i.chart.Declare(values, render.Options{})
}

// compare holds what values declare against what the objects do. Values may protect calls better, which is told, and nothing else.
func (e *Entry) compare(declared *egress.Model) *obstacle {
	e.Changed = slices.Clone(e.assumed)
	for _, change := range egress.Diff(e.model, declared) {
		if change.Class != egress.Stronger {
			return &obstacle{reason: "values would change what calls do: " + change.Text}
		}
		e.Changed = append(e.Changed, change.Text)
	}
	if len(e.Changed) > len(e.assumed) {
		return nil
	}
	was, is := e.model.Calls(), declared.Calls()
	if e.isHosts() {
		was, is = e.model.Effect(), declared.Effect()
	}
	for n, line := range was {
		if n >= len(is) || is[n] != line {
			return &obstacle{reason: "values do not say all of it: " + line}
		}
	}
	return nil
}

// tellClosing finds out what closing an open name changes, by doing it.
func (i *importer) tellClosing(entry *Entry) error {
	service := entry.model.Services[0]
	values, closed := closedForm(entry.Values)
	if service.InCluster || closed == "" {
		return nil
	}
	before, err := i.declareValues(entry.Values)
	if err != nil {
		return err
	}
	after, err := i.declareValues(values)
	if err != nil {
		return err
	}
	for _, change := range egress.Diff(only(before, service.ID()), only(after, service.ID())) {
		if !slices.Contains(entry.Closing, change.Text) {
			entry.Closing = append(entry.Closing, change.Text)
		}
	}
	if host := service.ExternalName; declares(before, host) && !declares(after, host) {
		entry.Closing = append(entry.Closing, "calls of "+host+" by its own name are no longer declared")
	}
	entry.Closed = closed
	return nil
}

// closedForm returns the values of one entry in the closed form, and how that is written; nothing where they are that already.
func closedForm(values render.Values) (render.Values, string) {
	switch {
	case len(values.ExternalNameServices) > 0 && values.ExternalNameServices[0].ServiceType == render.ServiceExternalName:
		values.ExternalNameServices = slices.Clone(values.ExternalNameServices)
		values.ExternalNameServices[0].ServiceType = render.ServiceClusterIP
		return values, "serviceType: ClusterIP"
	case len(values.EndpointServices) > 0 && values.EndpointServices[0].EndpointsKind != render.EndpointsServiceEntry:
		values.EndpointServices = slices.Clone(values.EndpointServices)
		values.EndpointServices[0].EndpointsKind = render.EndpointsServiceEntry
		return values, "endpointsKind: ServiceEntry"
	}
	return values, ""
}

// declares tells whether a model has a host under its own name.
func declares(model *egress.Model, host string) bool {
	return host != "" && slices.ContainsFunc(model.Destinations, func(d *egress.Destination) bool { return d.Host == host })
}

// proveTogether declares all entries at once, and takes out those that do not go with others.
func (i *importer) proveTogether() error {
	for {
		text, err := i.values().YAML()
		if err != nil {
			return err
		}
		declared, findings, err := i.declare(text)
		if err != nil {
			return err
		}
		refused := i.refusedBy(findings)
		for n := range i.entries {
			if refused[n] == nil {
				refused[n] = i.entries[n].compare(i.entries[n].partOf(declared))
			}
		}
		if !i.takeOut(refused) {
			return nil
		}
	}
}

// refusedBy finds the entries that findings of the chart are about, by their index.
func (i *importer) refusedBy(findings []render.Finding) map[int]*obstacle {
	refused := map[int]*obstacle{}
	for _, finding := range findings {
		n := i.entryAt(finding.Path)
		if finding.Severity == render.SeverityError && n >= 0 && refused[n] == nil {
			refused[n] = &obstacle{reason: "the chart refuses it beside the other entries: " + finding.Message}
		}
	}
	return refused
}

// entryAt returns the index of the entry at a path of the values; -1 for none.
func (i *importer) entryAt(path string) int {
	count := map[egress.Kind]int{}
	for n, entry := range i.entries {
		kind := egress.ExternalNameService
		switch {
		case len(entry.Values.EndpointServices) > 0:
			kind = egress.EndpointService
		case entry.isHosts():
			kind = egress.ExternalHost
		}
		at := fmt.Sprintf("%s[%d]", kind, count[kind])
		count[kind]++
		if path == at || strings.HasPrefix(path, at+".") {
			return n
		}
	}
	return -1
}

// takeOut lists entries among what is not said, and tells whether there were any.
func (i *importer) takeOut(refused map[int]*obstacle) bool {
	var rest []Entry
	for n, entry := range i.entries {
		if found := refused[n]; found != nil {
			i.refuse(entry.subject(i.set), found)
		} else {
			rest = append(rest, entry)
		}
	}
	changed := len(rest) < len(i.entries)
	i.entries = rest
	return changed
}

// values are those of all entries.
func (i *importer) values() render.Values {
	all := topLevel(i.entries)
	for _, entry := range i.entries {
		all.ExternalNameServices = append(all.ExternalNameServices, entry.Values.ExternalNameServices...)
		all.EndpointServices = append(all.EndpointServices, entry.Values.EndpointServices...)
		all.ExternalHosts = append(all.ExternalHosts, entry.Values.ExternalHosts...)
		all.DNSCapture = all.DNSCapture || entry.Values.DNSCapture
	}
	render.NameApart(all.ExternalHosts)
	return all
}

// topLevel is what values say above their entries: of what entries say differently, the first. [importer.proveTogether] takes out
// those that this does not do for.
func topLevel(entries []Entry) render.Values {
	var all render.Values
	for _, entry := range entries {
		all.ClusterDomain = cmp.Or(all.ClusterDomain, entry.Values.ClusterDomain)
		if all.DataPlane != render.DataPlaneBoth { // an entry that its waypoint's namespace alone sees is the same with both
			all.DataPlane = cmp.Or(entry.Values.DataPlane, all.DataPlane)
		}
		if waypoint := entry.Values.Waypoint; waypoint != nil && (all.Waypoint == nil || all.Waypoint.Namespace == "") {
			all.Waypoint = waypoint // those without a namespace have it in their own, which may be the one that others name
		}
	}
	return all
}

func (i *importer) result(files int) *Imported {
	slices.SortStableFunc(i.unsaid, func(a, b Unsaid) int { return a.Position.Compare(b.Position) })
	return &Imported{Entries: i.entries, Unsaid: i.unsaid, Read: Read{Files: files, Objects: len(i.set.all), Others: i.set.others}}
}

// splitHosts makes of each ServiceEntry and VirtualService for several hosts one for each of them: they say the same of all.
func (s *set) splitHosts() {
	var all []*object
	for _, o := range s.all {
		switch value := o.value.(type) {
		case *istio.ServiceEntry:
			for _, host := range value.Spec.GetHosts() {
				c := value.DeepCopy()
				c.Spec.Hosts = []string{host}
				all = append(all, o.with(c, len(value.Spec.GetHosts()) > 1, host))
			}
		case *istio.VirtualService:
			for _, host := range value.Spec.GetHosts() {
				c := value.DeepCopy()
				c.Spec.Hosts = []string{host}
				all = append(all, o.with(c, len(value.Spec.GetHosts()) > 1, host))
			}
		default:
			all = append(all, o)
		}
	}
	s.all = all
}

// with is the object with another value, for one of its hosts.
func (o *object) with(value kruntime.Object, split bool, host string) *object {
	c := *o
	c.value = value
	if split {
		c.host = host
	}
	return &c
}

// dropMirrored leaves out the EndpointSlices that Kubernetes makes of Endpoints, and those of Services with pods.
func (s *set) dropMirrored() {
	s.all = slices.DeleteFunc(s.all, func(o *object) bool {
		slice, ok := o.value.(*discoveryv1.EndpointSlice)
		if !ok {
			return false
		}
		switch slice.Labels[discoveryv1.LabelManagedBy] {
		case "endpointslice-controller.k8s.io":
			return true
		case "endpointslicemirroring-controller.k8s.io":
			return slices.ContainsFunc(s.all, func(other *object) bool {
				return other.kind == "Endpoints" && other.name.Namespace == o.name.Namespace && other.name.Name == slice.Labels[discoveryv1.LabelServiceName]
			})
		}
		return false
	})
}
