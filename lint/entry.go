package lint

import (
	"cmp"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/lint/protocol"
	"github.com/istio-egress/istio-egress/position"
)

// The values' two collections.
const (
	externalNameServices = "externalNameServices"
	endpointServices     = "endpointServices"
)

// entry is one service of the values, as far as the linter's own checks need it. Fields of a wrong type read as unset:
// the chart's schema has reported them.
type entry struct {
	release    *loadedRelease
	path       position.Path
	collection string
	name       string
	namespace  string
	host       string // externalName, or the service's full name
	fields     map[string]any
	ports      []port
	exportTo   []string       // the entry's own, else the top level's
	exportPath position.Path  // of exportTo, or of the entry when there is none
	selector   map[string]any // workloadSelector.matchLabels
}

// port is a port of an entry with the TLS settings that count for it.
type port struct {
	path     position.Path
	name     string
	number   int
	target   int
	protocol string // lower case; empty when it cannot be told
	tls      map[string]any
	tlsPath  position.Path
}

// readEntries reads all entries in the order of the values: lists by index, maps by key. Null entries are left out.
func readEntries(release *loadedRelease) []entry {
	var entries []entry
	for _, collection := range []string{externalNameServices, endpointServices} {
		base := position.Path{position.Key(collection)}
		switch all := release.values[collection].(type) {
		case []any:
			for i, one := range all {
				if fields, ok := one.(map[string]any); ok && len(fields) > 0 {
					entries = append(entries, readEntry(release, collection, base.Join(position.Index(i)), text(fields, "name"), fields))
				}
			}
		case map[string]any:
			for _, name := range sortedKeys(all) {
				if fields, ok := all[name].(map[string]any); ok && len(fields) > 0 {
					entries = append(entries, readEntry(release, collection, base.Join(position.Key(name)), name, fields))
				}
			}
		}
	}
	return entries
}

func readEntry(release *loadedRelease, collection string, path position.Path, name string, fields map[string]any) entry {
	one := entry{release: release, path: path, collection: collection, name: name, fields: fields}
	one.namespace = cmp.Or(text(fields, "namespace"), release.Namespace, "default")
	one.host = text(fields, "externalName")
	if collection == endpointServices {
		one.host = name + "." + one.namespace + ".svc." + clusterDomain(release.values)
	}
	one.exportTo, one.exportPath = texts(fields, "exportTo"), path.Join(position.Key("exportTo"))
	if len(one.exportTo) == 0 {
		one.exportTo, one.exportPath = texts(release.values, "exportTo"), position.Path{position.Key("exportTo")}
	}
	if len(one.exportTo) == 0 {
		one.exportPath = path
	}
	one.selector = object(object(fields, "workloadSelector"), "matchLabels")
	entryTLS, entryTLSPath := object(fields, "tls"), path.Join(position.Key("tls"))
	for i, item := range list(fields, "ports") {
		if portFields, ok := item.(map[string]any); ok {
			one.ports = append(one.ports, readPort(portFields, path.Join(position.Key("ports"), position.Index(i)), entryTLS, entryTLSPath))
		}
	}
	return one
}

func readPort(fields map[string]any, path position.Path, tls map[string]any, tlsPath position.Path) port {
	one := port{path: path, name: text(fields, "name"), number: number(fields, "port"), tls: tls, tlsPath: tlsPath}
	one.target = cmp.Or(number(fields, "targetPort"), one.number)
	one.protocol = protocol.Of(one.name, text(fields, "appProtocol"))
	if own := object(fields, "tls"); len(own) > 0 {
		one.tls, one.tlsPath = own, path.Join(position.Key("tls"))
	}
	return one
}

// inCluster tells whether the entry is an alias of a service of the cluster, to which the mesh's own rules apply.
func (e entry) inCluster() bool {
	return e.collection == externalNameServices && strings.HasSuffix(e.host, ".svc."+clusterDomain(e.release.values))
}

// visibleToAll tells whether every namespace sees the entry.
func (e entry) visibleToAll() bool {
	return len(e.exportTo) == 0 || slices.Contains(e.exportTo, "*")
}

// label names the entry for messages.
func (e entry) label() string { return e.namespace + "/" + e.name }

func (p port) mode() string { return text(p.tls, "mode") }

// originates tells whether the sidecar originates TLS.
func (p port) originates() bool { return p.mode() == "SIMPLE" || p.mode() == "MUTUAL" }

func (p port) http() bool { return protocol.IsHTTP(p.protocol) }

func clusterDomain(values map[string]any) string {
	return cmp.Or(text(values, "clusterDomain"), "cluster.local")
}
