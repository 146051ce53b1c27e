package lint

import (
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	networking "istio.io/api/networking/v1"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/position"
)

const (
	idObjectTwice   = "release-object-twice"
	idHostConflict  = "release-host-conflict"
	idHostElsewhere = "host-in-other-namespace"
)

// across finds what shows only when several releases, or namespaces, are seen together.
func across(releases []*loadedRelease) []Finding {
	var findings []Finding
	services := map[string]declaredService{}
	entries := map[string]declaredHost{}
	hosts, ports := newHosts(), listeners{}
	for _, release := range releases {
		for _, service := range release.model.Services {
			findings = append(findings, checkServiceTwice(services, declaredService{release, service})...)
		}
		for _, destination := range release.model.Destinations {
			if destination.Kind != egress.EndpointService {
				findings = append(findings, checkEntryTwice(entries, declaredHost{release, destination})...)
				findings = append(findings, hosts.add(declaredHost{release, destination})...)
				findings = append(findings, ports.add(declaredHost{release, destination})...)
			}
		}
	}
	return append(findings, acrossGateways(releases)...)
}

type declaredService struct {
	release *loadedRelease
	*egress.Service
}

// checkServiceTwice reports a Service that another release has as well; within a release the chart refuses it.
func checkServiceTwice(services map[string]declaredService, service declaredService) []Finding {
	other, taken := services[service.ID()]
	if !taken {
		services[service.ID()] = service
		return nil
	}
	return []Finding{conflict(idObjectTwice, service.release, service.Path, other.release, other.Path,
		fmt.Sprintf("Service %s is rendered by release %s already, and an object belongs to one release: give one of them another name or namespace, or keep one", service.ID(), other.release.Label))}
}

type declaredHost struct {
	release *loadedRelease
	*egress.Destination
}

// checkEntryTwice reports external hosts of a name that another release has as well, as their ServiceEntries are called after it.
func checkEntryTwice(entries map[string]declaredHost, host declaredHost) []Finding {
	key := host.Namespace + "/" + host.Entry
	other, taken := entries[key]
	switch {
	case host.Kind != egress.ExternalHost || taken && other.release == host.release:
		return nil
	case !taken:
		entries[key] = host
		return nil
	}
	return []Finding{conflict(idObjectTwice, host.release, host.Path, other.release, other.Path,
		fmt.Sprintf("external hosts %s are rendered by release %s already, and an object belongs to one release: give one of them another name or namespace, or keep one", key, other.release.Label))}
}

// declaredHosts are the external hosts of all releases.
type declaredHosts struct {
	own   map[string]declaredHost   // by namespace/host
	hosts map[string][]declaredHost // by host, one of each namespace
}

func newHosts() *declaredHosts {
	return &declaredHosts{map[string]declaredHost{}, map[string][]declaredHost{}}
}

// add compares a host with those before.
func (d *declaredHosts) add(host declaredHost) []Finding {
	key := host.Namespace + "/" + host.Host
	if other, taken := d.own[key]; taken {
		if other.release == host.release { // what the chart refuses
			return nil
		}
		return []Finding{host.inTwoReleases(other)}
	}
	d.own[key] = host
	findings := host.elsewhere(d.hosts[host.Host])
	d.hosts[host.Host] = append(d.hosts[host.Host], host)
	return findings
}

// inTwoReleases reports an external host that another release declares in the same namespace.
func (h declaredHost) inTwoReleases(other declaredHost) Finding {
	d := differenceOf(h.Destination, other.Destination)
	if h.Kind == egress.ExternalHost || other.Kind == egress.ExternalHost {
		return h.byOwnNameInTwoReleases(other)
	}
	if d.what == "" {
		return conflict(idObjectTwice, h.release, h.Path, other.release, other.Path,
			fmt.Sprintf("ServiceEntry %s/%s is rendered by release %s already, and an object belongs to one release: declare the aliases of %s in one release, or in another namespace", h.Namespace, h.Host, other.release.Label, h.Host))
	}
	return conflict(idHostConflict, h.release, d.path, other.release, d.otherPath,
		fmt.Sprintf("%s has %s in release %s, and a host has one set of rules in a namespace: remove serviceType: ExternalName from both, or give both the same and declare them in one release, or use another namespace", h.Host, d.what, other.release.Label))
}

// byOwnNameInTwoReleases reports a host that is called by its own name, and that a second ServiceEntry declares in its namespace.
func (h declaredHost) byOwnNameInTwoReleases(other declaredHost) Finding {
	repair := "declare it in one of them, with all ports, or in another namespace"
	if h.Kind != other.Kind {
		repair = "remove serviceType: ExternalName from the alias, or declare the host in one of them alone"
	}
	return conflict(idHostConflict, h.release, h.Path, other.release, other.Path,
		fmt.Sprintf("%s is declared in namespace %s by release %s already, and calls of ports that both have go to the servers of both: %s", h.Host, h.Namespace, other.release.Label, repair))
}

// remedy says how two declarations of a host in different namespaces keep apart.
func (h declaredHost) remedy(other declaredHost) string {
	if h.Kind == egress.ExternalHost || other.Kind == egress.ExternalHost {
		return "limit both with exportTo, or give both the same"
	}
	return "remove serviceType: ExternalName from both, limit both with exportTo, or give both the same"
}

// maxCompared bounds comparisons of everything with everything else.
const maxCompared = 100

func limit[T any](all []T, most int) []T { return all[:min(len(all), most)] }

// elsewhere reports the host in another namespace with other settings, where both are seen by the same clients: a third
// namespace gets the settings of whichever is older.
func (h declaredHost) elsewhere(others []declaredHost) []Finding {
	for _, other := range limit(others, maxCompared) {
		originates := originatesTLS(h.Destination) || originatesTLS(other.Destination)
		if !h.thirdSees(other) || originates && h.release == other.release { // the chart refuses the latter
			continue
		}
		d := differenceInRules(h.Destination, other.Destination)
		if d.what == "" {
			continue
		}
		finding := conflict(idHostElsewhere, h.release, d.path, other.release, d.otherPath,
			fmt.Sprintf("%s has %s in namespace %s, and namespaces that see both get the older one's: %s", h.Host, d.what, other.Namespace, h.remedy(other)))
		if !originates {
			finding.Severity = Warning
		}
		return []Finding{finding}
	}
	return nil
}

func originatesTLS(host *egress.Destination) bool {
	return slices.ContainsFunc(host.Ports, func(port *egress.DestinationPort) bool {
		return slices.ContainsFunc(port.Rules, func(rule egress.Rule) bool { return rule.TLS.Originates() })
	})
}

// thirdSees tells whether a namespace other than the two declarations' own sees both.
func (h declaredHost) thirdSees(other declaredHost) bool {
	return slices.ContainsFunc(h.SeenWith(other.Visibility), func(namespace string) bool {
		return namespace != h.Namespace && namespace != other.Namespace
	})
}

// difference says in what two declarations of a host differ, and where; what is empty when they do not.
type difference struct{ path, otherPath, what string }

func differenceOf(host, other *egress.Destination) difference {
	if namespaces(host.Visibility) != namespaces(other.Visibility) {
		return difference{exportPath(host), exportPath(other), "another visibility (" + namespaces(other.Visibility) + ")"}
	}
	return differenceInRules(host, other)
}

func exportPath(host *egress.Destination) string {
	if host.ExportToPath == "" {
		return host.Path
	}
	return host.ExportToPath
}

func namespaces(v egress.Visibility) string {
	if v.All() {
		return "all namespaces"
	}
	return strings.Join(v.ExportTo, ", ")
}

func differenceInRules(host, other *egress.Destination) difference {
	for _, port := range host.Ports {
		for _, otherPort := range other.Ports {
			if port.Number != otherPort.Number {
				continue
			}
			if d := differenceInPort(port, otherPort); d.what != "" {
				return d
			}
		}
	}
	if numbers := portNumbers(other); numbers != portNumbers(host) {
		return difference{host.Path + ".ports", other.Path + ".ports", "other ports (" + numbers + ")"}
	}
	return difference{}
}

func differenceInPort(port, other *egress.DestinationPort) difference {
	switch {
	case port.Protocol != other.Protocol:
		return difference{port.Path, other.Path, fmt.Sprintf("another protocol for port %d (%s)", port.Number, other.Protocol)}
	case port.TargetPort != other.TargetPort:
		return difference{port.Path, other.Path, fmt.Sprintf("another target for port %d (%d)", port.Number, other.TargetPort)}
	}
	for _, rule := range port.Rules {
		for _, otherRule := range other.Rules {
			if sameLabels(rule.Selector, otherRule.Selector) && !proto.Equal(rule.TLS.Settings, otherRule.TLS.Settings) {
				return difference{rule.TLS.Path, otherRule.TLS.Path,
					fmt.Sprintf("other TLS settings for port %d (%s)", port.Number, differingFields(rule.TLS, otherRule.TLS))}
			}
		}
	}
	return difference{}
}

// differingFields names the settings in which two tls blocks differ.
func differingFields(tls, other *egress.TLS) string {
	if tls.Mode() != other.Mode() {
		return "mode " + other.Mode()
	}
	var names []string
	a, b := tls.Settings.ProtoReflect(), other.Settings.ProtoReflect()
	fields := (&networking.ClientTLSSettings{}).ProtoReflect().Descriptor().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		if !sameField(a, b, field) {
			names = append(names, field.JSONName())
		}
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func sameField(a, b protoreflect.Message, field protoreflect.FieldDescriptor) bool {
	return a.Has(field) == b.Has(field) && a.Get(field).Equal(b.Get(field))
}

func portNumbers(host *egress.Destination) string {
	numbers := make([]string, len(host.Ports))
	for i, port := range host.Ports {
		numbers[i] = fmt.Sprint(port.Number)
	}
	return strings.Join(numbers, ", ")
}

// conflict makes an error with both places, which may be in files of two releases.
func conflict(id string, release *loadedRelease, path string, other *loadedRelease, otherPath, message string) Finding {
	finding := Finding{ID: id, Severity: Error, path: at(path), Message: message}
	release.locate(&finding)
	finding.Related = append(finding.Related, Related{
		Path: other.Key.Join(at(otherPath)...).String(), Release: other.Label, Position: other.place(at(otherPath)).Key,
	})
	return finding
}

// at reads a path of the model, with keys below it.
func at(path string, keys ...string) position.Path {
	parsed, err := position.ParsePath(path)
	if err != nil { // an odd key that the schema refuses anyway
		parsed = position.Path{position.Key(path)}
	}
	for _, key := range keys {
		parsed = parsed.Join(position.Key(key))
	}
	return parsed
}
