package egress

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Class is what a change means for whoever reviews it.
type Class string

// The classes, in the order of a reviewer's interest.
const (
	// Weaker: a way is less protected than before. TLS became plaintext, verification went off, another name or a public CA
	// is accepted, a closed name opened, the gateway is passed by.
	Weaker Class = "weaker"
	// Wider: there is a destination, a port or an address more, or a namespace, a workload or a caller that had none of it.
	Wider Class = "wider"
	// Changed: anything else that counts, such as the Host that is sent, the server's port, certificates, traffic policies, timeouts.
	Changed Class = "changed"
	// Stronger is the reverse of Weaker.
	Stronger Class = "stronger"
	// Narrower is the reverse of Wider.
	Narrower Class = "narrower"
)

// Classes are all classes, in the order of a reviewer's interest.
func Classes() []Class { return []Class{Weaker, Wider, Changed, Stronger, Narrower} }

// Mirrored is the class of the change that takes a change back.
func (c Class) Mirrored() Class {
	switch c {
	case Weaker:
		return Stronger
	case Stronger:
		return Weaker
	case Wider:
		return Narrower
	case Narrower:
		return Wider
	case Changed:
	}
	return c
}

// Change is one difference between two models, as far as calls can tell: labels, the order of entries and the form of lists
// make none.
type Change struct {
	Class Class
	// Destination and Port are the server's, as [Destination.Name] calls it: those after the change, if there are any. They are
	// empty for guard rails.
	Destination string
	Port        int
	// Names are what workloads call, such as my-httpbin.default:80.
	Names []string
	// Text says what changes, in a few words.
	Text string
	// Before and After are where the models say so; one of them is empty for a way that is new or gone.
	Before, After Site
}

// Site is where a model declares something.
type Site struct {
	// Path is that of the values, such as externalNameServices[1].tls; empty for objects.
	Path string
	// Way is a way that the declaration makes; nil when there is none.
	Way *Way
	// OfService tells that the Service declares it, and no rule of the way.
	OfService bool
	// GuardRails are those that the declaration is of; nil for ways.
	GuardRails *GuardRails
}

// Diff returns what changes for calls between two models, the changes that need a look first. It is empty when both do
// the same with every call.
//
// Local names are compared with themselves: what is called, on which port, leads where, and how. A name that is new or gone
// counts by whether other names lead the same callers to the same server. Names of services in the cluster are no way out.
// Guard rails change no call; that they let entries be more or less is told as well.
func Diff(before, after *Model) []Change {
	was, is := outletsOf(before), outletsOf(after)
	d := &differ{was: withoutIdleExits(was, is), is: withoutIdleExits(is, was), deadEnds: deadEnds(after)}
	gone, come := d.pair()
	for _, sameness := range []func(*outlet) string{(*outlet).sameService, (*outlet).substance, (*outlet).sameNamespace} {
		gone, come = d.pairRenamed(gone, come, sameness)
	}
	d.compareUnpaired(gone, come)
	d.compareGuardRails(before.GuardRails, after.GuardRails)
	return sorted(merged(d.changes))
}

type differ struct {
	was, is  []*outlet
	deadEnds map[string]bool // names after the change that lead nowhere
	changes  []Change
}

// pair compares outlets of the same name that lead to the same server, and returns the others.
func (d *differ) pair() (gone, come []*outlet) {
	before := make(map[string]*outlet, len(d.was))
	for _, o := range d.was {
		before[o.id] = o
	}
	paired := make(map[*outlet]bool, len(d.was))
	for _, o := range d.is {
		other := before[o.id]
		if other == nil || !other.sameServer(o) {
			come = append(come, o)
			continue
		}
		paired[other] = true
		d.changes = append(d.changes, compare(other, o)...)
	}
	for _, o := range d.was {
		if !paired[o] {
			gone = append(gone, o)
		}
	}
	return gone, come
}

// pairRenamed compares outlets that have another name and are the same otherwise, as far as sameness tells; empty is the
// same as nothing else. It returns the rest.
func (d *differ) pairRenamed(gone, come []*outlet, sameness func(*outlet) string) (stillGone, stillCome []*outlet) {
	if len(gone) == 0 || len(come) == 0 {
		return gone, come
	}
	same := map[string][]*outlet{}
	for _, o := range gone {
		key := sameness(o)
		same[key] = append(same[key], o)
	}
	paired := map[*outlet]bool{}
	for _, o := range come {
		key := sameness(o)
		if key == "" || len(same[key]) == 0 {
			stillCome = append(stillCome, o)
			continue
		}
		other := same[key][0]
		same[key] = same[key][1:]
		paired[other] = true
		d.renamed(other, o)
	}
	return slices.DeleteFunc(gone, func(o *outlet) bool { return paired[o] }), stillCome
}

func (d *differ) renamed(was, is *outlet) {
	names, text := []string{was.name, is.name}, fmt.Sprintf("name: %s -> %s", was.name, is.name)
	if was.name == is.name { // a host that is called by its own name
		names = names[:1]
		text = fmt.Sprintf("declared in: namespace %s -> %s", was.ways[0].To.Destination.Namespace, is.ways[0].To.Destination.Namespace)
	}
	changes := append(compare(was, is), is.change(Changed, was.entrySite(), is.entrySite(), "%s", text))
	for _, change := range changes {
		change.Names = slices.Clone(names)
		d.changes = append(d.changes, change)
	}
}

// compareUnpaired reports outlets that are new, and those that are gone.
func (d *differ) compareUnpaired(gone, come []*outlet) {
	if len(come) > 0 {
		before := newReach(d.was)
		for _, o := range come {
			class := before.classOfNew(o)
			d.changes = append(d.changes, o.change(class, Site{}, o.entrySite(), "%s: %s", o.newness(class), o.protection()))
		}
	}
	if len(gone) == 0 {
		return
	}
	d.compareMoved(gone, come)
	after := newReach(d.is)
	for _, o := range gone {
		class := after.classOfNew(o).Mirrored()
		d.changes = append(d.changes, o.change(class, o.entrySite(), Site{}, "%s: it was %s", d.departure(o, class), o.protection()))
	}
}

// compareMoved reports names that lead to another server, and are made or protected otherwise than before.
func (d *differ) compareMoved(gone, come []*outlet) {
	before := make(map[string]*outlet, len(gone))
	for _, o := range gone {
		before[o.id] = o
	}
	for _, o := range come {
		if was := before[o.id]; was != nil {
			c := &comparison{was: was, is: o}
			c.form()
			c.eachGroup((*groupComparison).grade)
			d.changes = append(d.changes, c.changes...)
		}
	}
}

// newness says what an outlet is that was not there before.
func (o *outlet) newness(class Class) string {
	text := "another name for it"
	if o.ways[0].Port == nil {
		text = "declared by itself, where others led already"
	}
	switch class {
	case Weaker:
		return text + ", less protected"
	case Changed:
		return text
	case Wider, Stronger, Narrower:
	}
	return "reachable"
}

// departure says what an outlet was that is there no more.
func (d *differ) departure(o *outlet, class Class) string {
	switch {
	case class == Narrower && d.deadEnds[o.name]:
		return "reaches nothing now"
	case class == Narrower:
		return "gone"
	case o.ways[0].Port == nil:
		return "no longer declared by itself, others lead there"
	}
	return "this name for it is gone, others stay"
}

// change makes a change of the outlet.
func (o *outlet) change(class Class, before, after Site, format string, args ...any) Change {
	to := o.ways[0].To
	return Change{
		Class: class, Destination: to.Destination.Name(), Port: to.TargetPort, Names: []string{o.name},
		Text: fmt.Sprintf(format, args...), Before: before, After: after,
	}
}

// merged joins changes that several names of a server have in common.
func merged(changes []Change) []Change {
	type key struct {
		class               Class
		destination         string
		port                int
		text, before, after string
	}
	index := map[key]int{}
	var all []Change
	for _, c := range changes {
		k := key{c.Class, c.Destination, c.Port, c.Text, c.Before.Path, c.After.Path}
		i, known := index[k]
		if !known || c.Before.Path == "" && c.After.Path == "" { // nothing tells that objects are the same
			index[k] = len(all)
			all = append(all, c)
			continue
		}
		all[i].Names = append(all[i].Names, c.Names...)
	}
	for _, c := range all {
		slices.Sort(c.Names)
	}
	return all
}

func sorted(changes []Change) []Change {
	order := Classes()
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(
			slices.Index(order, a.Class)-slices.Index(order, b.Class),
			strings.Compare(a.Destination, b.Destination), a.Port-b.Port,
			slices.Compare(a.Names, b.Names), strings.Compare(a.Text, b.Text),
		)
	})
	return changes
}
