package manifests

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/istio-egress/istio-egress/lint/protocol"
)

// valuesPort is a port of a values entry.
type valuesPort struct {
	name           string
	number, target int
	protocol       string
	tls            settings // of the sidecar; none when it originates no TLS
}

func (p valuesPort) originates() bool { return p.tls.originates() }

// numbered is a name that no other port has.
func (p valuesPort) numbered() string { return p.protocol + "-" + strconv.Itoa(p.number) }

// entries writes an entry for each rule, that is for each set of workloads; for a host without rules it is one.
func (d *destination) entries() []*valuesEntry {
	rules := d.rules
	if len(rules) == 0 {
		rules = []object{{}}
	}
	var all []*valuesEntry
	for i, rule := range rules {
		ports, policy, ok := d.valuesPorts(rule)
		if !ok {
			return nil
		}
		entry := d.newEntry(i)
		if inCluster(d.externalName) {
			entry.addPorts(ports)
			return []*valuesEntry{entry}
		}
		entry.addAddresses(d, ports)
		entry.addPortsAndTLS(ports)
		entry.addSelector(rule, ports)
		if len(d.exportTo) > 0 {
			entry.add("exportTo: %s", flow(d.exportTo))
		}
		if data, err := json.Marshal(policy); err == nil && len(policy) > 0 {
			entry.add("trafficPolicy: %s", data)
		}
		all = append(all, entry)
	}
	return all
}

// nameOfRule names the entry of a rule: entries of one host are told apart by a number.
func (d *destination) nameOfRule(rule int) string {
	if rule == 0 {
		return d.name
	}
	return d.name + "-" + strconv.Itoa(rule+1)
}

// newEntry begins the entry of a rule.
func (d *destination) newEntry(rule int) *valuesEntry {
	entry := &valuesEntry{collection: "externalNameServices", serverName: d.serverName, externalName: d.externalName}
	name := d.nameOfRule(rule)
	if d.note != "" {
		name += " # " + d.note
	}
	entry.add("name: %s", name)
	entry.add("namespace: %s", d.namespace)
	if d.externalName == "" {
		entry.collection = "endpointServices"
	} else {
		entry.add("externalName: %s", d.externalName)
	}
	return entry
}

// addAddresses writes the addresses, or an example where TCP needs some and there are none.
func (e *valuesEntry) addAddresses(to *destination, ports []valuesPort) {
	switch {
	case len(to.addresses) > 0:
		e.add("addresses: %s", flow(to.addresses))
	case slices.ContainsFunc(ports, func(port valuesPort) bool { return protocol.IsOpaque(port.protocol) }):
		e.add("addresses: [192.0.2.10] # the IPs of %s", to.externalName)
	}
}

func guessProtocol(number int) string {
	switch number {
	case 443, 8443:
		return "https"
	case 80, 8080:
		return "http"
	}
	return "tcp"
}

func (e *valuesEntry) addPorts(ports []valuesPort) {
	e.add("ports:")
	for _, port := range ports {
		e.add("  - {name: %s, port: %d}", port.name, port.number)
	}
}

func (e *valuesEntry) addPortsAndTLS(ports []valuesPort) {
	shared, originates := sharedTLS(ports)
	plainHTTP := false
	e.add("ports:")
	for _, port := range ports {
		line := fmt.Sprintf("{name: %s, port: %d", port.name, port.number)
		if port.target != port.number {
			line += fmt.Sprintf(", targetPort: %d", port.target)
		}
		switch {
		case port.originates() && key(port.tls) != key(shared):
			line += ", tls: {" + strings.Join(e.tlsFields(port.tls), ", ") + "}"
		case originates && !port.originates():
			line += ", tls: {mode: DISABLE}"
		}
		plainHTTP = plainHTTP || !port.originates() && protocol.IsHTTP(port.protocol)
		e.add("  - %s}", line)
	}
	if e.serverName != "" {
		e.add("serverName: %s", scalar(e.serverName))
	}
	if e.serverName != "" && plainHTTP {
		e.add("rewriteHost: true")
	}
	e.add("tls:")
	if !originates {
		e.add("  mode: DISABLE")
		return
	}
	for _, field := range e.tlsFields(shared) {
		if field == "sni: "+exampleServer {
			field += " # the name that the server answers to"
		}
		e.add("  %s", field)
	}
}

// sharedTLS returns the settings that are written for the entry as a whole: those with a certificate before others.
func sharedTLS(ports []valuesPort) (shared settings, found bool) {
	for _, port := range ports {
		if port.originates() && (!found || shared.mode() == "SIMPLE" && port.tls.mode() == "MUTUAL") {
			shared, found = port.tls, true
		}
	}
	return shared, found
}

// key tells settings of a rule apart.
func key(tls settings) string {
	data, err := json.Marshal(tls.tls)
	if err != nil {
		return ""
	}
	return string(data)
}

const exampleServer = "server.example.com"

// tlsFields are the fields of a tls block of the values: with the names that must be verified, where they are not the
// chart's default. insecureSkipVerify is left out: the replacement verifies.
func (e *valuesEntry) tlsFields(tls settings) []string {
	fields := []string{"mode: " + tls.mode()}
	sni, names := text(tls.tls, "sni"), texts(tls.tls, "subjectAltNames")
	if sni == "" && e.serverName == "" && e.collection == "endpointServices" {
		sni = exampleServer
		if len(names) > 0 {
			sni = names[0]
		}
	}
	if sni != "" {
		fields = append(fields, "sni: "+scalar(sni))
		if len(names) == 0 && e.verified(sni) != sni {
			names = []string{sni}
		}
	}
	if len(names) > 0 && !slices.Equal(names, []string{e.verified(sni)}) {
		fields = append(fields, "subjectAltNames: "+flow(names))
	}
	for _, name := range []string{"credentialName", "clientCertificate", "privateKey", "caCertificates"} {
		if value := text(tls.tls, name); value != "" {
			fields = append(fields, name+": "+scalar(value))
		}
	}
	return fields
}

// verified is the name that the chart verifies without subjectAltNames.
func (e *valuesEntry) verified(sni string) string { return cmp.Or(e.serverName, e.externalName, sni) }

// addSelector writes the rule's selector, or an example for a credential that sidecars do not read without one.
func (e *valuesEntry) addSelector(rule object, ports []valuesPort) {
	labels := selectorOf(rule)
	if len(labels) > 0 {
		e.add("workloadSelector:")
		e.add("  matchLabels:")
		for _, label := range sortedKeys(labels) {
			e.add("    %s: %s", scalar(label), scalar(text(labels, label)))
		}
	} else if slices.ContainsFunc(ports, func(port valuesPort) bool {
		return port.originates() && needsSelector(text(port.tls.tls, "credentialName"))
	}) {
		e.add("workloadSelector:")
		e.add("  matchLabels: {app: my-workload} # the workloads that use the credential")
	}
}

var notLabel = regexp.MustCompile(`[^a-z0-9]+`)

// nameOf makes a Service name of a host: api.example.com becomes api-example-com.
func nameOf(host string) string {
	name := strings.Trim(notLabel.ReplaceAllString(host, "-"), "-")
	if name == "" || name[0] < 'a' {
		name = "ext-" + name
	}
	return strings.TrimRight(name[:min(len(name), 63)], "-")
}

func flow(values []string) string {
	all := make([]string, len(values))
	for i, value := range values {
		all[i] = scalar(value)
	}
	return "[" + strings.Join(all, ", ") + "]"
}

var plainScalar = regexp.MustCompile(`^[A-Za-z/][-A-Za-z0-9_./]*$|^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$`)

// scalar writes a string so that YAML reads it as one.
func scalar(value string) string {
	switch cmp.Or(strings.ToLower(value), "null") {
	case "true", "false", "yes", "no", "on", "off", "y", "n", "null":
		return strconv.Quote(value)
	}
	if plainScalar.MatchString(value) {
		return value
	}
	return strconv.Quote(value)
}
