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

// externalEntry is the entry of an external host: its alias, its ServiceEntry's ports and its rule's TLS.
func (s *set) externalEntry(namespace string, service object, host string) *valuesEntry {
	if strings.Contains(host, "*") {
		return nil
	}
	entry := &valuesEntry{collection: "externalNameServices"}
	if service.name == "" {
		entry.add("name: %s", nameOf(host))
	} else {
		entry.add("name: %s", service.name)
		namespace = service.namespace
	}
	entry.add("namespace: %s", namespace)
	entry.add("externalName: %s", host)
	rule := s.ruleFor(service, host, namespace)
	ports := s.valuesPorts(service, host, namespace, rule)
	if inCluster(host) {
		entry.addPorts(ports)
		return entry
	}
	if slices.ContainsFunc(ports, func(port valuesPort) bool { return protocol.IsOpaque(port.protocol) }) {
		entry.add("%s", s.addressesOf(host))
	}
	entry.serverName = s.serverName(service, host)
	entry.addPortsAndTLS(ports, rule)
	entry.addVisibility(append(ownFirst(s.entriesOf(host), namespace), ownFirst(s.rules[host], namespace)...))
	entry.addTrafficPolicy(s.rulesFor(service, host, namespace))
	return entry
}

// serverName is the Host header that a VirtualService of the alias writes, or nothing.
func (s *set) serverName(service object, host string) string {
	names := []string{host}
	if service.name != "" {
		names = append(names, serviceHost(service.namespace, service.name))
	}
	for _, name := range names {
		for _, route := range s.routes[name] {
			for _, rule := range children(route.spec(), "http") {
				if authority := text(child(rule, "rewrite"), "authority"); authority != "" {
					return authority
				}
			}
		}
	}
	return ""
}

// endpointEntry is the entry of a Service without selector, or of one whose external name is an IP.
func (s *set) endpointEntry(service object) *valuesEntry {
	addresses := s.endpointAddresses(service)
	if len(child(service.spec(), "selector")) > 0 || len(addresses) == 0 {
		return nil
	}
	host := serviceHost(service.namespace, service.name)
	entry := &valuesEntry{collection: "endpointServices"}
	entry.add("name: %s", service.name)
	entry.add("namespace: %s", service.namespace)
	entry.add("addresses: %s", flow(addresses))
	rule := s.ruleFor(service, host, service.namespace)
	entry.serverName = s.serverName(service, host)
	entry.addPortsAndTLS(s.valuesPorts(service, host, service.namespace, rule), rule)
	entry.addVisibility(ownFirst(s.rules[host], service.namespace))
	entry.addTrafficPolicy(ownFirst(s.rules[host], service.namespace))
	return entry
}

// ruleFor returns the TLS settings that the author meant for the host: of a rule on it, or on its alias.
func (s *set) ruleFor(service object, host, namespace string) settings {
	var best settings
	for _, rule := range s.rulesFor(service, host, namespace) {
		for _, block := range tlsBlocks(rule) {
			if block.originates() && (best.tls == nil || text(block.tls, "credentialName") != "" || block.mode() == "MUTUAL") {
				best = block
			}
		}
	}
	return best
}

// rulesFor are the rules on the host, and those on its alias.
func (s *set) rulesFor(service object, host, namespace string) []object {
	rules := ownFirst(s.rules[host], namespace)
	if service.name == "" {
		return rules
	}
	return append(rules[:len(rules):len(rules)], s.rules[serviceHost(service.namespace, service.name)]...)
}

// valuesPorts are the ports that the objects declare; without any, those that the rule implies.
func (s *set) valuesPorts(service object, host, namespace string, rule settings) []valuesPort {
	declared := s.ports(host, namespace)
	if len(declared) == 0 && service.name != "" {
		declared = servicePorts(service)
	}
	var ports []valuesPort
	for _, one := range declared {
		if one.number == 0 || slices.ContainsFunc(ports, func(port valuesPort) bool { return port.number == one.number }) {
			continue
		}
		port := s.valuesPort(one, host, rule)
		if slices.ContainsFunc(ports, func(other valuesPort) bool { return other.name == port.name }) {
			port.name = port.protocol + "-" + strconv.Itoa(port.number)
		}
		ports = append(ports, port)
	}
	switch {
	case len(ports) > 0:
	case rule.tls != nil:
		ports = []valuesPort{{name: "http", number: 80, target: 443, protocol: "http", tls: rule}}
	default:
		ports = []valuesPort{{name: "https", number: 443, target: 443, protocol: "https"}}
	}
	return ports
}

func (s *set) valuesPort(declared hostPort, host string, rule settings) valuesPort {
	port := valuesPort{name: declared.name, number: declared.number, target: declared.target, protocol: declared.protocol}
	if port.protocol == "" {
		port.protocol = guessProtocol(port.number)
	}
	if !protocol.IsTLS(port.protocol) {
		port.tls = tlsMeantFor(declared, rule)
	}
	if protocol.IsHTTP(port.protocol) && port.number == 443 && !inCluster(host) {
		port.number, port.target, port.tls = 80, 443, rule
		if rule.tls == nil {
			port.number, port.protocol = 443, "https"
		}
	}
	if port.originates() && port.number == 80 && port.target == 80 { // meant for the TLS port
		port.target = 443
	}
	if protocol.Parse(port.name) != port.protocol {
		port.name = port.protocol
		if port.number != 80 && port.number != 443 {
			port.name += "-" + strconv.Itoa(port.number)
		}
	}
	return port
}

// tlsMeantFor returns the TLS of a port: the settings that were chosen for the host, or others of the same rule. Rules are
// often written for the server's port, where Istio wants the one that workloads call; and settings of a port that lack tls
// were hardly meant to drop it.
func tlsMeantFor(port hostPort, chosen settings) settings {
	if chosen.port != 0 && (chosen.port == port.number || chosen.port == port.target) {
		return chosen
	}
	block, found := tlsOfPort(chosen.rule, port.number)
	switch {
	case found && block.originates():
		return block
	case found:
		return settings{}
	case chosen.port == 0:
		return chosen
	}
	return settings{chosen.rule, "spec.trafficPolicy.tls", child(child(chosen.rule.spec(), "trafficPolicy"), "tls"), 0}
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

func (e *valuesEntry) addPortsAndTLS(ports []valuesPort, rule settings) {
	mixed := slices.ContainsFunc(ports, valuesPort.originates) &&
		slices.ContainsFunc(ports, func(port valuesPort) bool { return !port.originates() })
	e.add("ports:")
	for _, port := range ports {
		line := fmt.Sprintf("{name: %s, port: %d", port.name, port.number)
		if port.target != port.number {
			line += fmt.Sprintf(", targetPort: %d", port.target)
		}
		switch {
		case port.originates() && port.tls.path != rule.path:
			line += ", tls: {" + strings.Join(e.tlsFields(port.tls), ", ") + "}"
		case mixed && !port.originates():
			line += ", tls: {mode: DISABLE}"
		}
		e.add("  - %s}", line)
	}
	if e.serverName != "" {
		e.add("serverName: %s", scalar(e.serverName))
	}
	originates := slices.ContainsFunc(ports, valuesPort.originates)
	if e.serverName != "" && !originates {
		e.add("rewriteHost: true")
	}
	e.add("tls:")
	if !originates {
		e.add("  mode: DISABLE")
		return
	}
	e.addTLS(rule)
}

func (e *valuesEntry) addTLS(rule settings) {
	for _, field := range e.tlsFields(rule) {
		if field == "sni: "+exampleServer {
			field += " # the name that the server answers to"
		}
		e.add("  %s", field)
	}
	if text(rule.tls, "credentialName") != "" {
		e.addSelector(rule.rule)
	}
}

const exampleServer = "server.example.com"

// tlsFields are the fields of a tls block of the values.
func (e *valuesEntry) tlsFields(rule settings) []string {
	mode := rule.mode()
	credential, certificate, key := text(rule.tls, "credentialName"), text(rule.tls, "clientCertificate"), text(rule.tls, "privateKey")
	if mode == "MUTUAL" && credential == "" && (certificate == "" || key == "") {
		mode = "SIMPLE"
	}
	fields := []string{"mode: " + mode}
	sni, names := text(rule.tls, "sni"), texts(rule.tls, "subjectAltNames")
	if sni == "" && e.collection == "endpointServices" {
		sni = exampleServer
		if len(names) > 0 {
			sni = names[0]
		}
	}
	if sni != "" {
		fields = append(fields, "sni: "+scalar(sni))
	}
	if len(names) > 1 || len(names) == 1 && (names[0] != sni || e.serverName != "") {
		fields = append(fields, "subjectAltNames: "+flow(names))
	}
	switch {
	case credential != "":
		fields = append(fields, "credentialName: "+scalar(credential))
	case mode == "MUTUAL":
		fields = append(fields, "clientCertificate: "+scalar(certificate), "privateKey: "+scalar(key))
	}
	if ca := text(rule.tls, "caCertificates"); ca != "" && credential == "" {
		fields = append(fields, "caCertificates: "+scalar(ca))
	}
	return fields
}

// addVisibility takes over the first exportTo that is set.
func (e *valuesEntry) addVisibility(objects []object) {
	for _, one := range objects {
		if exportTo := texts(one.spec(), "exportTo"); len(exportTo) > 0 && !slices.Contains(exportTo, "~") && !hasSelector(one) {
			e.add("exportTo: %s", flow(exportTo))
			return
		}
	}
}

// addTrafficPolicy takes over the first traffic policy that is more than TLS, of the host or of one of its ports.
func (e *valuesEntry) addTrafficPolicy(rules []object) {
	for _, rule := range rules {
		policy := child(rule.spec(), "trafficPolicy")
		for _, one := range append([]map[string]any{policy}, children(policy, "portLevelSettings")...) {
			kept := map[string]any{}
			for _, name := range []string{"connectionPool", "loadBalancer", "outlierDetection"} {
				if has(one, name) {
					kept[name] = one[name]
				}
			}
			if data, err := json.Marshal(kept); err == nil && len(kept) > 0 {
				e.add("trafficPolicy: %s", data)
				return
			}
		}
	}
}

func (e *valuesEntry) addSelector(rule object) {
	labels := child(child(rule.spec(), "workloadSelector"), "matchLabels")
	e.add("workloadSelector:")
	if len(labels) == 0 {
		e.add("  matchLabels: {app: my-workload} # the workloads that use the credential")
		return
	}
	e.add("  matchLabels:")
	for _, key := range sortedKeys(labels) {
		if value, ok := labels[key].(string); ok {
			e.add("    %s: %s", scalar(key), scalar(value))
		}
	}
}

// addressesOf writes the addresses of a host's ServiceEntries, or an example where they have none.
func (s *set) addressesOf(host string) string {
	var addresses []string
	for _, entry := range s.entries[host] {
		for _, address := range texts(entry.spec(), "addresses") {
			if !strings.Contains(address, "/") {
				addresses = append(addresses, address)
			}
		}
	}
	if len(addresses) == 0 {
		return "addresses: [192.0.2.10] # the IPs of " + host
	}
	return "addresses: " + flow(unique(addresses))
}

func (s *set) endpointAddresses(service object) []string {
	if leadsToIP(service) {
		return []string{normalHost(text(service.spec(), "externalName"))}
	}
	var addresses []string
	for _, one := range s.slices[service.namespace+"/"+service.name] {
		for _, endpoint := range children(one.fields, "endpoints") {
			addresses = append(addresses, texts(endpoint, "addresses")...)
		}
		for _, subset := range children(one.fields, "subsets") {
			for _, address := range children(subset, "addresses") {
				addresses = append(addresses, text(address, "ip"))
			}
		}
	}
	return unique(addresses)
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
