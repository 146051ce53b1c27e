package lint

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/position"
)

const (
	idObjectTwice      = "release-object-twice"
	idHostConflict     = "release-host-conflict"
	idHostElsewhere    = "host-in-other-namespace"
	serviceObject      = "Service"
	serviceEntryObject = "ServiceEntry"
)

// across finds what shows only when entries of several releases, or namespaces, are seen together.
func across(releases []*loadedRelease) []Finding {
	var findings []Finding
	objects := map[string]entry{} // the first entry that renders an object
	hosts := map[string][]entry{} // per external host, the first entry of each namespace
	for _, release := range releases {
		for _, one := range release.entries {
			findings = append(findings, one.checkService(objects)...)
			if one.collection == externalNameServices && one.host != "" && !one.inCluster() {
				findings = append(findings, one.checkHost(objects)...)
				findings = append(findings, one.checkOtherNamespaces(hosts)...)
			}
		}
	}
	return findings
}

// checkService reports a Service that another release has as well; within a release the chart refuses it.
func (e entry) checkService(objects map[string]entry) []Finding {
	if e.name == "" {
		return nil
	}
	key := serviceObject + " " + e.label()
	other, taken := objects[key]
	if !taken {
		objects[key] = e
		return nil
	}
	if other.release == e.release {
		return nil
	}
	return []Finding{e.conflict(idObjectTwice, e.path, other, other.path,
		fmt.Sprintf("%s is rendered by release %s already, and an object belongs to one release: give one of them another name or namespace, or keep one", key, other.release.Label))}
}

// checkHost reports an external host that another release declares in the same namespace.
func (e entry) checkHost(objects map[string]entry) []Finding {
	key := serviceEntryObject + " " + e.namespace + "/" + e.host
	other, taken := objects[key]
	if !taken {
		objects[key] = e
		return nil
	}
	if other.release == e.release {
		return nil
	}
	path, otherPath, difference := e.difference(other)
	if difference == "" {
		return []Finding{e.conflict(idObjectTwice, e.path, other, other.path,
			fmt.Sprintf("%s is rendered by release %s already, and an object belongs to one release: declare the aliases of %s in one release, or in another namespace", key, other.release.Label, e.host))}
	}
	return []Finding{e.conflict(idHostConflict, path, other, otherPath,
		fmt.Sprintf("%s has %s in release %s, and a host has one set of rules in a namespace: give both the same and declare them in one release, or use another namespace", e.host, difference, other.release.Label))}
}

// checkOtherNamespaces reports an external host of another namespace with other settings, where both are seen by the
// same clients: a third namespace gets the settings of whichever is older.
func (e entry) checkOtherNamespaces(hosts map[string][]entry) []Finding {
	for _, other := range limit(hosts[e.host], maxCompared) {
		if other.namespace == e.namespace {
			return nil
		}
		if !e.seenWith(other) {
			continue
		}
		path, otherPath, difference := e.difference(other)
		if difference == "" || strings.Contains(difference, "visibility") {
			continue
		}
		finding := e.conflict(idHostElsewhere, path, other, otherPath,
			fmt.Sprintf("%s has %s in namespace %s, and namespaces that see both get the older one's: limit both with exportTo, or give both the same", e.host, difference, other.namespace))
		finding.Severity = Warning
		hosts[e.host] = append(hosts[e.host], e)
		return []Finding{finding}
	}
	hosts[e.host] = append(hosts[e.host], e)
	return nil
}

// seenWith tells whether a namespace other than the two entries' own sees both.
func (e entry) seenWith(other entry) bool {
	if e.visibleToAll() && other.visibleToAll() {
		return true
	}
	for _, namespace := range e.exportTo {
		if namespace != "." && namespace != e.namespace && namespace != other.namespace && namespace != "*" &&
			(other.visibleToAll() || slices.Contains(other.exportTo, namespace)) {
			return true
		}
	}
	for _, namespace := range other.exportTo {
		if namespace != "." && namespace != e.namespace && namespace != other.namespace && namespace != "*" && e.visibleToAll() {
			return true
		}
	}
	return false
}

// difference says in what the other entry for the same host differs, and where.
func (e entry) difference(other entry) (path, otherPath position.Path, difference string) {
	if mine, others := visibility(e), visibility(other); mine != others {
		return e.exportPath, other.exportPath, "another visibility (" + others + ")"
	}
	for _, mine := range e.ports {
		for _, others := range other.ports {
			if mine.number != others.number {
				continue
			}
			switch {
			case mine.protocol != others.protocol:
				return mine.path, others.path, fmt.Sprintf("another protocol for port %d (%s)", mine.number, others.protocol)
			case mine.target != others.target:
				return mine.path, others.path, fmt.Sprintf("another target for port %d (%d)", mine.number, others.target)
			case !reflect.DeepEqual(e.selector, other.selector):
			case !reflect.DeepEqual(withoutNulls(mine.tls), withoutNulls(others.tls)):
				return mine.tlsPath, others.tlsPath, fmt.Sprintf("other TLS settings for port %d (%s)", mine.number, otherFields(mine, others))
			}
		}
	}
	if mine, others := portNumbers(e), portNumbers(other); mine != others {
		return e.path.Join(position.Key("ports")), other.path.Join(position.Key("ports")), "other ports (" + others + ")"
	}
	return nil, nil, ""
}

// otherFields names the TLS settings in which two ports differ.
func otherFields(mine, others port) string {
	if mine.mode() != others.mode() {
		return "mode " + others.mode()
	}
	both := maps.Clone(withoutNulls(mine.tls))
	maps.Copy(both, withoutNulls(others.tls))
	var names []string
	for _, name := range sortedKeys(both) {
		if !reflect.DeepEqual(mine.tls[name], others.tls[name]) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func visibility(e entry) string {
	if e.visibleToAll() {
		return "all namespaces"
	}
	return strings.Join(slices.Sorted(slices.Values(e.exportTo)), ", ")
}

func portNumbers(e entry) string {
	var numbers []int
	for _, port := range e.ports {
		numbers = append(numbers, port.number)
	}
	slices.Sort(numbers)
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// conflict makes an error with both places, which may be in files of two releases.
func (e entry) conflict(id string, path position.Path, other entry, otherPath position.Path, message string) Finding {
	finding := Finding{ID: id, Severity: Error, path: path, Message: message}
	e.release.locate(&finding)
	finding.Related = append(finding.Related, Related{
		Path: otherPath.String(), Release: other.release.Label, Position: other.release.layers.Find(otherPath).Key,
	})
	return finding
}
