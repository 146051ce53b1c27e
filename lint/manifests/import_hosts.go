package manifests

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	networking "istio.io/api/networking/v1"
	istio "istio.io/client-go/pkg/apis/networking/v1"
	kruntime "k8s.io/apimachinery/pkg/runtime"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/render"
)

// importHosts writes an entry for each host of a ServiceEntry to which no Service leads: workloads call it by its own name.
func (i *importer) importHosts() {
	for _, o := range i.set.all {
		value, ok := o.value.(*istio.ServiceEntry)
		if !ok || i.said[o] || i.set.subjectOf(o).service != nil || i.ofAnEntry(o) {
			continue
		}
		entry, found := i.entryForHost(o, value)
		if found == nil {
			i.entries = append(i.entries, *entry)
			continue
		}
		i.refuse(o, found)
	}
}

// ofAnEntry tells whether an object is one of those that an entry stands for.
func (i *importer) ofAnEntry(o *object) bool {
	return slices.ContainsFunc(i.entries, func(entry Entry) bool { return entry.draft.has(o) })
}

// entryForHost writes the entry for a host, and proves that it does what the objects do.
func (i *importer) entryForHost(o *object, value *istio.ServiceEntry) (*Entry, *obstacle) {
	host := value.Spec.GetHosts()[0]
	d := &draft{name: o.name, host: host}
	d.entries = copies(i.set, d, []*istio.ServiceEntry{value})
	d.rules = copies(i.set, d, egress.OwnFirst(i.set.Rules(host, ""), o.name.Namespace))
	changed := d.resolveByDNS()
	for _, from := range d.origins {
		checked := *from.object
		checked.value = from.value
		if found := i.set.obstacleIn(&checked, o.name.Namespace, []string{i.set.FullHost(host, o.name.Namespace)}); found != nil {
			found.object = from.object
			return nil, found
		}
	}
	if found := i.othersForHost(o, host); found != nil {
		return nil, found
	}
	model, found := d.declaredHost(i.set.Domain)
	if found != nil {
		return nil, found
	}
	changed = append(changed, nameServer(model.Destinations[0])...)
	entry := &Entry{Values: render.ValuesOf(model), Changed: changed, draft: d, model: model}
	if entry.Values.DNSCapture {
		entry.Changed = append(entry.Changed, "dnsCapture: true is taken for granted, with which sidecars tell its tcp ports apart; without, they take all calls of their numbers")
	}
	entry.assumed = entry.Changed
	if found := i.prove(entry); found != nil {
		return nil, found
	}
	for _, from := range d.origins {
		at, _ := from.object.place("")
		entry.From = append(entry.From, Source{from.object.String(), at})
	}
	return entry, nil
}

// resolveByDNS has calls of an exact host go where DNS says, where the entry leads them to any address that names the host.
func (d *draft) resolveByDNS() (changed []string) {
	spec := &d.entries[0].Spec
	if spec.GetResolution() != networking.ServiceEntry_NONE || strings.HasPrefix(d.host, "*") || len(spec.GetEndpoints())+len(spec.GetAddresses()) > 0 {
		return nil
	}
	spec.Resolution = networking.ServiceEntry_DNS
	return []string{"calls go to the addresses that DNS gives for the host, and with resolution: NONE to any address that the workload calls"}
}

// nameServer writes the host into the SNI of its HTTP ports, where a rule names none: Istio takes it from the Host of each request,
// and verifies that name where the rule has none to verify.
func nameServer(destination *egress.Destination) (changed []string) {
	for _, port := range destination.Ports {
		for n := range port.Rules {
			settings := port.Rules[n].TLS.GetSettings()
			if !originates(settings) || settings.GetSni() != "" || !port.Protocol.IsHTTP() || destination.IsWildcard() {
				continue
			}
			named := proto.CloneOf(settings)
			named.Sni = destination.Host
			if len(named.GetSubjectAltNames()) == 0 && !named.GetInsecureSkipVerify().GetValue() {
				named.SubjectAltNames = []string{destination.Host}
			}
			port.Rules[n].TLS = &egress.TLS{Settings: named}
			changed = []string{"TLS asks for " + destination.Host + ", and without sni in the rule for what each request has as its Host"}
		}
	}
	return changed
}

// othersForHost finds what else has a part in calls of the host.
func (i *importer) othersForHost(o *object, host string) *obstacle {
	for _, other := range i.set.Entries(host, "") {
		if from := i.set.objectOf(other); from != o && from.name.Namespace == o.name.Namespace {
			return &obstacle{from, "spec.hosts", "it declares " + host + " too, and values declare a host once in a namespace"}
		}
	}
	for _, route := range i.set.Routes(host, "") {
		return &obstacle{i.set.objectOf(route), "", "it routes calls of " + host + ", and values route calls of local names alone"}
	}
	return i.set.underWildcard(&draft{rules: i.set.Rules(host, "")}, []string{host})
}

// declaredHost is what the objects say of the host.
func (d *draft) declaredHost(domain string) (*egress.Model, *obstacle) {
	values := make([]kruntime.Object, len(d.origins))
	for i, from := range d.origins {
		values[i] = from.value
	}
	objects := egress.NewObjects(values)
	objects.Domain = domain
	model := egress.FromObjects(objects)
	if inCluster(d.host) {
		return nil, &obstacle{path: "spec.hosts", reason: d.host + " is a name inside the cluster, and values have hosts outside of it alone"}
	}
	if len(model.Destinations) != 1 || model.Destinations[0].Kind != egress.ExternalHost {
		return nil, &obstacle{path: "spec.endpoints", reason: "no Service leads to it, and values have hosts called by their own names at the addresses that DNS gives alone"}
	}
	destination := model.Destinations[0]
	if lost := destination.Unsaid(); len(lost) > 0 {
		return nil, &obstacle{d.originOf(lost[0].Object), lost[0].Path, whyNoPlace(lost[0].Object, lost[0].Path)}
	}
	optedOut := d.entries[0].Labels["networking.istio.io/enable-autoallocate-ip"] == "false"
	for n, port := range destination.Ports {
		if port.Protocol.IsTCP() && len(destination.Addresses) == 0 && optedOut {
			return nil, &obstacle{path: fmt.Sprintf("spec.ports[%d]", n), reason: "it takes all calls of its number, having no addresses: values do not"}
		}
		if selected := len(port.Rules) - 1; selected > 0 {
			return nil, &obstacle{reason: "a rule for some workloads counts for it, and values have those for local names alone"}
		}
	}
	return model, nil
}

// isHosts tells whether the entry is of hosts that are called by their own names.
func (e *Entry) isHosts() bool { return len(e.Values.ExternalHosts) > 0 }

// partOf is what a model says of the entry.
func (e *Entry) partOf(model *egress.Model) *egress.Model {
	if !e.isHosts() {
		return only(model, e.draft.name.String())
	}
	part := &egress.Model{}
	for _, d := range model.Destinations {
		if d.Kind == egress.ExternalHost && d.Namespace == e.draft.name.Namespace && d.Host == e.draft.host {
			part.Destinations = append(part.Destinations, d)
		}
	}
	return part
}

// subject is the object that the entry is about.
func (e *Entry) subject(s *set) *object {
	if e.isHosts() {
		return e.draft.origins[0].object
	}
	return s.objectOf(e.draft.service)
}

// listPartsOfHosts lists what an entry of hosts leaves out of its objects.
func (i *importer) listPartsOfHosts(entry *Entry) {
	for _, from := range entry.draft.origins {
		i.said[from.object] = true
		if rule, ok := from.value.(*istio.DestinationRule); ok {
			i.listMetadata(from.object, rule, entry.draft.entries[0].ObjectMeta, "ServiceEntries")
		}
	}
}

// mergeHosts makes one entry of those for hosts of a ServiceEntry that say the same.
func (i *importer) mergeHosts() {
	var merged []Entry
	for _, entry := range i.entries {
		last := len(merged) - 1
		if last >= 0 && entry.isHosts() && merged[last].isHosts() && sameButHosts(merged[last], entry) {
			hosts := &merged[last].Values.ExternalHosts[0]
			hosts.Hosts = append(slices.Clone(hosts.Hosts), entry.Values.ExternalHosts[0].Hosts...)
			merged[last].From = append(merged[last].From, entry.From...)
			continue
		}
		merged = append(merged, entry)
	}
	i.entries = merged
}

// nameHostsApart gives entries names of their own where one ServiceEntry has become several.
func (i *importer) nameHostsApart() {
	var all render.ExternalHosts
	for _, entry := range i.entries {
		all = append(all, entry.Values.ExternalHosts...)
	}
	render.NameApart(all)
	for n := range i.entries {
		if i.entries[n].isHosts() {
			i.entries[n].Values.ExternalHosts, all = all[:1:1], all[1:]
		}
	}
}

// sameButHosts tells whether two entries are of one ServiceEntry, and say the same of their hosts.
func sameButHosts(a, b Entry) bool {
	x, y := a.draft.origins[0].object, b.draft.origins[0].object
	if x.file != y.file || x.document != y.document || x.at.String() != y.at.String() || !slices.Equal(a.Changed, b.Changed) {
		return false
	}
	of := func(e Entry) string {
		values := e.Values
		values.ExternalHosts = render.ExternalHosts{values.ExternalHosts[0]}
		values.ExternalHosts[0].Hosts = nil
		text, err := values.YAML()
		if err != nil {
			return e.draft.host // which no other has
		}
		return string(text)
	}
	own := len(a.Values.ExternalHosts[0].Addresses) > 0
	return !own && of(a) == of(b)
}
