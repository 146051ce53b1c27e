package render

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/egress"
)

// externalHostsOf writes the hosts of a model that are called by their own names: an entry for those that have a name of an
// entry in common, and everything else.
func externalHostsOf(model *egress.Model) ExternalHosts {
	var entries ExternalHosts
	index := map[string]int{} // by what the hosts of an entry have in common
	for _, destination := range model.Destinations {
		if destination.Kind != egress.ExternalHost || len(destination.Services) > 0 || len(destination.Ports) == 0 {
			continue
		}
		entry := externalHostOf(destination)
		key := inCommon(entry)
		if at, known := index[key]; known && len(entry.Addresses) == 0 && !ownNames(entry) {
			entries[at].Hosts = append(entries[at].Hosts, destination.Host)
			continue
		}
		index[key] = len(entries)
		entry.Hosts = []string{destination.Host}
		entries = append(entries, entry)
	}
	NameApart(entries)
	return entries
}

// needsDNSCapture tells whether a host has a port that is told apart by an address of its own alone, and none is declared.
func needsDNSCapture(d *egress.Destination) bool {
	return d.Kind == egress.ExternalHost && len(d.Services) == 0 && len(d.Addresses) == 0 &&
		slices.ContainsFunc(d.Ports, func(port *egress.DestinationPort) bool { return port.Protocol.IsTCP() })
}

// inCommon writes all that hosts of one entry share.
func inCommon(entry ExternalHostList) string {
	text, err := json.Marshal(entry)
	if err != nil {
		panic(err) // it was read from what encodes
	}
	return string(text)
}

// ownNames tells whether an entry has names to verify, which are those of one host.
func ownNames(entry ExternalHostList) bool {
	has := func(tls *TLS) bool { return tls != nil && (tls.SNI != "" || len(tls.SubjectAltNames) > 0) }
	return has(entry.TLS) || slices.ContainsFunc(entry.Ports, func(port Port) bool { return has(port.TLS) })
}

// externalHostOf writes the entry of a host, without the host.
func externalHostOf(destination *egress.Destination) ExternalHostList {
	entry := ExternalHostList{
		Name: labelOf(cmp.Or(destination.Entry, destination.Host)), Namespace: destination.Namespace,
		Labels: destination.Labels, Annotations: destination.Annotations,
		Addresses: destination.Addresses, ExportTo: exportToOf(destination.ExportTo, destination.Namespace),
	}
	if len(entry.ExportTo) == 0 {
		entry.ExportTo = nil
	}
	for _, port := range destination.Ports {
		rule := port.Rules[0]
		tls := tlsOf(rule.TLS.GetSettings(), destination.Host)
		if entry.TLS == nil {
			entry.TLS = tls
		}
		written := Port{Name: strings.ToLower(string(port.Protocol)) + "-" + fmt.Sprint(port.Number), Port: int32(port.Number)}
		if port.TargetPort != port.Number {
			written.TargetPort = int32(port.TargetPort)
		}
		if inCommonTLS(tls) != inCommonTLS(entry.TLS) {
			written.TLS = tls
		}
		entry.Ports = append(entry.Ports, written)
		if policy := rule.Policy; policy != nil {
			entry.TrafficPolicy = &TrafficPolicy{policy.ConnectionPool, policy.OutlierDetection, policy.LoadBalancer}
		}
	}
	return entry
}

func inCommonTLS(tls *TLS) string { return inCommon(ExternalHostList{TLS: tls}) }

var notOfLabel = regexp.MustCompile(`[^a-z0-9]+`)

const longestLabel = 63

// labelOf makes a name of an entry: a DNS-1035 label.
func labelOf(name string) string {
	label := strings.Trim(notOfLabel.ReplaceAllString(strings.ToLower(name), "-"), "-")
	if label == "" || label[0] < 'a' {
		label = "host-" + label
	}
	return strings.Trim(label[:min(len(label), longestLabel)], "-")
}

// NameApart gives those of the entries names of their own that have one in common in a namespace.
func NameApart(entries ExternalHosts) {
	taken := map[string]bool{}
	for i := range entries {
		entry := &entries[i]
		name := entry.Name
		for n := 2; taken[entry.Namespace+"/"+entry.Name]; n++ {
			suffix := fmt.Sprintf("-%d", n)
			entry.Name = strings.TrimRight(name[:min(len(name), longestLabel-len(suffix))], "-") + suffix
		}
		taken[entry.Namespace+"/"+entry.Name] = true
	}
}
