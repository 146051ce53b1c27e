package manifests

import (
	"cmp"
	"io"
	"slices"

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
// for hosts that are called by their own names. An entry is there when the chart's model of it does with calls what the objects
// do, or protects them better. The error is for paths that could not be read.
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
