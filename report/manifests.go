package report

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	istio "istio.io/client-go/pkg/apis/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/inputfile"
	"github.com/istio-egress/istio-egress/lint/objects"
	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// Manifests reads what hand-written objects declare, from files, directories (with those below them) and, for "-", from
// stdin. Objects of kinds that have no part in it are left out. Objects that Kubernetes or Istio would not take are a
// [*render.RefusedError].
func Manifests(paths []string, stdin io.Reader) (*Declaration, error) {
	files, err := inputfile.Tree(paths, ".yaml", ".yml", ".json")
	if err != nil {
		return nil, err
	}
	all := &manifestPlacer{positions: map[runtime.Object]position.Position{}}
	stdin = inputfile.Once(stdin)
	var sources []string
	for _, name := range files {
		data, err := inputfile.Read(name, stdin, position.MaxBytes) // the parser says what is too large
		if err != nil {
			return nil, err
		}
		if slices.Contains(paths, name) || bytes.Contains(data, []byte("kind")) { // else it may be data of any sort
			all.add(inputfile.Name(name), data)
			sources = append(sources, inputfile.Name(name))
		}
	}
	if len(all.problems) > 0 {
		return nil, &render.RefusedError{Step: render.StepManifests, Err: all.refusal()}
	}
	if !all.found {
		return nil, fmt.Errorf("%s: no Kubernetes objects in it; values files are given with -f", strings.Join(paths, ", "))
	}
	d := &Declaration{Model: egress.FromObjects(egress.NewObjects(all.objects)), Sources: sources, placer: all}
	d.Unsaid, d.untold = all.unsaid(d.Model)
	return d, nil
}

// manifestPlacer finds places of objects.
type manifestPlacer struct {
	found     bool // objects of any kind
	objects   []runtime.Object
	positions map[runtime.Object]position.Position
	problems  []string
	// incomplete are objects of which something was left out, as it is not known here.
	incomplete []egress.Unsaid
}

// add reads the objects of a file.
func (m *manifestPlacer) add(name string, data []byte) {
	documents, faults := position.Documents(name, data)
	for _, fault := range faults {
		switch fault.ID { // other faults do not keep Kubernetes from reading the object
		case position.FaultSyntax, position.FaultTooLarge:
			m.problem(fault.Position, fault.Message)
		}
	}
	for _, document := range documents {
		if fault := document.LoadFault(); fault != nil {
			m.problem(fault.Position, fault.Message)
			continue
		}
		m.addObject(document, document.Root(), nil)
	}
}

func (m *manifestPlacer) problem(at position.Position, message string) {
	m.problems = append(m.problems, at.String()+": "+message)
}

// addObject reads an object, or the items of a List.
func (m *manifestPlacer) addObject(file *position.File, node position.Node, at position.Path) {
	kind, _ := node.Field("kind").Text()
	if strings.HasSuffix(kind, "List") && len(at) == 0 && node.Field("items").Kind() == position.List {
		m.addItems(file, node)
		return
	}
	if kind != "" {
		m.found = true
	}
	version, _ := node.Field("apiVersion").Text()
	if !slices.Contains(kinds, kind) || strings.HasPrefix(version, "gateway.networking.k8s.io/") { // which has Gateways of its own
		return
	}
	object, misfits, whole := objects.Read(node)
	for _, misfit := range misfits {
		path := at.Join(misfit.At...)
		m.problem(file.Find(path).Key, fmt.Sprintf("%s: %s", misfit.At, misfit.Message))
	}
	if object != nil {
		m.objects = append(m.objects, object)
		m.positions[object] = file.Find(at.Join(position.Key("kind"))).Key
	}
	if object != nil && !whole && len(misfits) == 0 {
		m.incomplete = append(m.incomplete, egress.Unsaid{Object: object, Path: "values that are variables here, which another tool fills in"})
	}
}

// addItems reads the items of a list. Those that the API server gives of its own kinds have no kind themselves.
func (m *manifestPlacer) addItems(file *position.File, list position.Node) {
	for i, item := range list.Field("items").Items() {
		at := position.Path{position.Key("items"), position.Index(i)}
		if _, typed := item.Field("kind").Text(); !typed {
			m.problem(file.Find(at).Key, "an item without kind: give what kubectl get -o yaml prints")
			continue
		}
		m.addObject(file, item, at)
	}
}

// kinds are those that have a part in the way out of a mesh.
var kinds = []string{
	"Service", "Endpoints", "EndpointSlice", "ServiceEntry", "DestinationRule", "VirtualService", "Gateway", "AuthorizationPolicy",
}

func (m *manifestPlacer) refusal() error {
	const head = "Kubernetes or Istio would not take these objects (render lint --manifests says more):"
	return errors.New(strings.Join(append([]string{head}, m.problems...), "\n- "))
}

// place is that of the object which decides how the way is protected: its rule, else the ServiceEntry, else the Service.
func (m *manifestPlacer) place(site egress.Site) Place {
	object := decisive(site.Way)
	if site.OfService && len(site.Way.Port.Service.Objects) > 0 {
		object = site.Way.Port.Service.Objects[0]
	}
	if object == nil {
		return Place{}
	}
	return placed(nameOf(object), m.positions[object])
}

func decisive(w *egress.Way) runtime.Object {
	switch {
	case w == nil:
		return nil
	case w.RuleObject() != nil && w.Rule.TLS != nil:
		return w.RuleObject()
	}
	for _, object := range w.To.Destination.Objects {
		if entry, ok := object.(*istio.ServiceEntry); ok {
			return entry
		}
	}
	if w.Port != nil && len(w.Port.Service.Objects) > 0 {
		return w.Port.Service.Objects[0]
	}
	return nil
}

// nameOf is kind namespace/name.
func nameOf(object runtime.Object) string {
	named, ok := object.(metav1.Object)
	if !ok {
		return ""
	}
	return object.GetObjectKind().GroupVersionKind().Kind + " " + egress.NameOf(named).String()
}

// unsaid lists what objects say that a report does not, in words, and for the comparison.
func (m *manifestPlacer) unsaid(model *egress.Model) (lines []string, fields []untold) {
	all := slices.Clone(m.incomplete)
	for _, service := range model.Services {
		all = append(all, service.Unsaid()...)
	}
	for _, destination := range model.Destinations {
		all = append(all, destination.Unsaid()...)
		all = append(all, declaredTwice(destination)...)
	}
	all = append(all, m.otherRoutes(model)...)
	seen := map[string]bool{}
	for _, each := range all {
		field := m.untold(each)
		line := fmt.Sprintf("%s: %s", field.place, field.field)
		if !seen[line] {
			seen[line] = true
			lines = append(lines, line)
			if each.Path != "spec.exportTo" { // which is compared, namespace by namespace
				fields = append(fields, field)
			}
		}
	}
	return append(lines, m.stayingInside(model)...), fields
}

// stayingInside lists the ports of Services that have no row, as nothing that is declared is behind them. Endpoints may be
// written elsewhere.
func (m *manifestPlacer) stayingInside(model *egress.Model) []string {
	var lines []string
	for _, service := range model.Services {
		for _, port := range service.Ports {
			if service.InCluster || !port.StaysInside() {
				continue
			}
			name := nameOf(service.Objects[0])
			at := placed(name, m.positions[service.Objects[0]])
			lines = append(lines, fmt.Sprintf("%s: %s: port %d, which leads to nothing outside of the cluster that is declared here", at, name, port.Number))
		}
	}
	return lines
}

// otherRoutes finds VirtualServices that sidecars follow for what is no local name of the model, such as an external host.
func (m *manifestPlacer) otherRoutes(model *egress.Model) []egress.Unsaid {
	told := map[runtime.Object]bool{}
	for _, service := range model.Services {
		for _, object := range service.Objects {
			told[object] = true
		}
	}
	var found []egress.Unsaid
	for _, object := range m.objects {
		from, ok := object.(*istio.VirtualService)
		if !ok || told[object] || !egress.ForMesh(from) {
			continue
		}
		found = append(found, egress.Unsaid{Object: from, Path: fmt.Sprintf("where it leads calls of %s", strings.Join(from.Spec.GetHosts(), ", "))})
	}
	return found
}

// declaredTwice finds ports that another ServiceEntry of the host has as well: calls go to the endpoints of both.
func declaredTwice(d *egress.Destination) []egress.Unsaid {
	var found []egress.Unsaid
	first := map[uint32]bool{}
	for _, object := range d.Objects {
		entry, ok := object.(*istio.ServiceEntry)
		if !ok {
			continue
		}
		for i, port := range entry.Spec.GetPorts() {
			if first[port.GetNumber()] {
				found = append(found, egress.Unsaid{Object: entry, Path: fmt.Sprintf("spec.ports[%d], which another ServiceEntry of %s has as well: calls go to the endpoints of both", i, d.Host)})
			}
			first[port.GetNumber()] = true
		}
	}
	return found
}
