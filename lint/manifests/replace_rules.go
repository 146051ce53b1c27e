package manifests

import (
	"reflect"
	"slices"

	"github.com/istio-egress/istio-egress/lint/protocol"
)

// takeRules takes over the rules on the host, or those that were written for its alias and have no effect.
func (d *destination) takeRules(s *set, alias object, host string, declared bool) bool {
	rules, known := ownOnly(s.rules[host], d.namespace)
	if !known {
		return false
	}
	if alias.name != "" {
		name := serviceHost(alias.namespace, alias.name)
		meant, known := ownOnly(s.rules[name], d.namespace)
		if !known || len(s.entries[name]) > 0 {
			return false
		}
		if len(rules) == 0 {
			rules, d.ignored = meant, !declared
		} else if !slices.Equal(originated(rules), originated(slices.Concat(meant, rules))) {
			return false // the alias was meant to have TLS of its own
		}
	}
	var general []object
	for _, rule := range rules {
		if !plainRule(rule) {
			return false
		}
		into := &d.rules
		if !hasSelector(rule) {
			into = &general
		}
		same := slices.ContainsFunc(*into, func(other object) bool { return reflect.DeepEqual(other.spec(), rule.spec()) })
		if slices.ContainsFunc(*into, func(other object) bool { return !same && reflect.DeepEqual(selectorOf(other), selectorOf(rule)) }) {
			return false
		}
		if !same {
			*into = append(*into, rule)
		}
	}
	if len(general) > 0 {
		d.exportTo = texts(general[0].spec(), "exportTo")
	}
	d.rules = append(general, d.rules...)
	return !slices.Contains(d.exportTo, "~")
}

// originated returns the settings of the rules that originate TLS, each once.
func originated(rules []object) []string {
	var keys []string
	for _, rule := range rules {
		for _, block := range tlsBlocks(rule) {
			if block.originates() {
				keys = append(keys, key(block))
			}
		}
	}
	return slices.Compact(slices.Sorted(slices.Values(keys)))
}

func selectorOf(rule object) map[string]any {
	return child(child(rule.spec(), "workloadSelector"), "matchLabels")
}

var policyFields = []string{"connectionPool", "loadBalancer", "outlierDetection"}

// plainRule tells whether values can say all that a rule says.
func plainRule(rule object) bool {
	policy := child(rule.spec(), "trafficPolicy")
	if rule.unreadable || has(rule.spec(), "workloadSelector") != hasSelector(rule) || !onlyFields(rule.spec(), "host", "exportTo", "trafficPolicy", "workloadSelector") ||
		!onlyFields(policy, append([]string{"tls", "portLevelSettings"}, policyFields...)...) {
		return false
	}
	for _, level := range children(policy, "portLevelSettings") {
		if !onlyFields(level, append([]string{"tls", "port"}, policyFields...)...) {
			return false
		}
	}
	for _, label := range selectorOf(rule) {
		if _, isText := label.(string); !isText {
			return false
		}
	}
	return !slices.ContainsFunc(tlsBlocks(rule), func(block settings) bool { return !block.plain() })
}

// plain tells whether values can say the settings. Istio itself refuses some of what they cannot: MUTUAL without a
// certificate, and certificates from two places.
func (s settings) plain() bool {
	credential, ca := text(s.tls, "credentialName") != "", text(s.tls, "caCertificates") != ""
	certificate, key := text(s.tls, "clientCertificate") != "", text(s.tls, "privateKey") != ""
	known := onlyFields(s.tls, "mode", "sni", "subjectAltNames", "credentialName", "clientCertificate", "privateKey", "caCertificates", "insecureSkipVerify")
	switch s.mode() {
	case "", "DISABLE":
		return known
	case "SIMPLE":
		return known && !certificate && !key && (!credential || !ca)
	case "MUTUAL":
		return known && (credential && !certificate && !key && !ca || !credential && certificate && key)
	}
	return false
}

// policyOf returns what counts for a port: its own settings, which replace the others. Settings for the server's port
// were meant for the one that workloads call, and settings without tls were hardly meant to drop it.
func (d *destination) policyOf(rule object, port hostPort) (map[string]any, settings) {
	policy := child(rule.spec(), "trafficPolicy")
	levels := children(policy, "portLevelSettings")
	find := func(wanted int) int {
		return slices.IndexFunc(levels, func(level map[string]any) bool { return number(child(level, "port"), "number") == wanted })
	}
	i := find(port.number)
	if i < 0 && !slices.ContainsFunc(d.ports, func(other hostPort) bool { return other.number == port.target }) {
		i = find(port.target)
	}
	above := settings{rule: rule, tls: child(policy, "tls")}
	switch {
	case i < 0:
		return kept(policy), above
	case has(levels[i], "tls") || protocol.IsTLS(port.protocol):
		return kept(levels[i]), settings{rule: rule, tls: child(levels[i], "tls"), port: port.number}
	}
	return kept(levels[i]), above
}

func kept(policy map[string]any) map[string]any {
	found := map[string]any{}
	for _, name := range policyFields {
		if has(policy, name) {
			found[name] = policy[name]
		}
	}
	return found
}

// valuesPorts are the ports of the entry for a rule, and the policy that they share.
func (d *destination) valuesPorts(rule object) (ports []valuesPort, policy map[string]any, ok bool) {
	used := map[string]bool{}
	for i, declared := range d.ports {
		own, tls := d.policyOf(rule, declared)
		if i > 0 && !reflect.DeepEqual(policy, own) {
			return nil, nil, false
		}
		policy = own
		port, known := d.valuesPort(declared, tls)
		if port.originates() && protocol.IsOpaque(port.protocol) && len(d.addresses) == 0 {
			return nil, nil, false // calls to the real addresses would pass by an example's listener, in plaintext
		}
		if !known || slices.ContainsFunc(ports, func(other valuesPort) bool { return other.number == port.number }) {
			return nil, nil, false
		}
		if slices.ContainsFunc(ports, func(other valuesPort) bool { return other.name == port.name }) {
			port.name = port.numbered()
		}
		if port.originates() || protocol.IsTLS(port.protocol) && tls.mode() == "SIMPLE" && text(tls.tls, "credentialName") == "" {
			used[key(tls)] = true
		}
		ports = append(ports, port)
	}
	for _, block := range tlsBlocks(rule) {
		if block.originates() && !used[key(block)] {
			return nil, nil, false
		}
	}
	return ports, policy, true
}

// valuesPort repairs a port: what the workload encrypts is not encrypted again, and plain HTTP leaves port 443.
func (d *destination) valuesPort(declared hostPort, tls settings) (valuesPort, bool) {
	port := valuesPort{name: declared.name, number: declared.number, target: declared.target, protocol: declared.protocol}
	if port.protocol == "" {
		if tls.originates() {
			return port, false
		}
		port.protocol = guessProtocol(port.number)
	}
	if !protocol.IsTLS(port.protocol) {
		port.tls = tls
	}
	if protocol.IsHTTP(port.protocol) && port.number == 443 && d.externalName != "" && !inCluster(d.externalName) {
		if port.originates() {
			port.number = 80
		} else {
			port.protocol = "https"
		}
	}
	if d.ignored && port.originates() && port.number == 80 && port.target == 80 { // never in effect, and meant for the TLS port
		port.target = 443
	}
	if protocol.Parse(port.name) != port.protocol {
		port.name = port.protocol
		if port.number != 80 && port.number != 443 {
			port.name = port.numbered()
		}
	}
	return port, true
}
