package manifests

import (
	"fmt"
	"strings"

	"github.com/istio-egress/istio-egress/lint/protocol"
)

// settings are one tls block of a DestinationRule.
type settings struct {
	rule object
	path string // of the tls block
	tls  map[string]any
	port int // of portLevelSettings; 0 for all others
}

func (s settings) mode() string { return text(s.tls, "mode") }

func (s settings) originates() bool { return s.mode() == "SIMPLE" || s.mode() == "MUTUAL" }

// tlsBlocks returns all tls blocks of a DestinationRule, those of subsets too.
func tlsBlocks(rule object) []settings {
	blocks := policyBlocks(rule, "spec.trafficPolicy", child(rule.spec(), "trafficPolicy"))
	for i, subset := range children(rule.spec(), "subsets") {
		blocks = append(blocks, policyBlocks(rule, fmt.Sprintf("spec.subsets[%d].trafficPolicy", i), child(subset, "trafficPolicy"))...)
	}
	return blocks
}

func policyBlocks(rule object, path string, policy map[string]any) []settings {
	var blocks []settings
	if tls := child(policy, "tls"); tls != nil {
		blocks = append(blocks, settings{rule, path + ".tls", tls, 0})
	}
	for i, level := range children(policy, "portLevelSettings") {
		if tls := child(level, "tls"); tls != nil {
			blocks = append(blocks, settings{rule, fmt.Sprintf("%s.portLevelSettings[%d].tls", path, i), tls, number(child(level, "port"), "number")})
		}
	}
	return blocks
}

// tlsOfPort returns the block that counts for a port of the rule's host: that of the port alone, when the port has
// settings of its own, since nothing is inherited.
func tlsOfPort(rule object, port int) (settings, bool) {
	policy := child(rule.spec(), "trafficPolicy")
	for i, level := range children(policy, "portLevelSettings") {
		if number(child(level, "port"), "number") == port {
			tls := child(level, "tls")
			return settings{rule, fmt.Sprintf("spec.trafficPolicy.portLevelSettings[%d].tls", i), tls, port}, tls != nil
		}
	}
	tls := child(policy, "tls")
	return settings{rule, "spec.trafficPolicy.tls", tls, 0}, tls != nil
}

func hasSelector(rule object) bool {
	return len(child(child(rule.spec(), "workloadSelector"), "matchLabels")) > 0
}

// hostPort is a port that a host is reached on, and where it is declared.
type hostPort struct {
	owner    object
	path     string
	name     string
	number   int
	target   int
	protocol string
}

// ports returns the ports of a host as a rule of the namespace meets them: of its ServiceEntries, else of its Service.
func (s *set) ports(host, namespace string) []hostPort {
	var found []hostPort
	for _, entry := range ownFirst(s.entriesOf(host), namespace) {
		found = append(found, entryPorts(entry)...)
	}
	if service, ok := s.service(host); ok && len(found) == 0 {
		found = servicePorts(service)
	}
	return found
}

func entryPorts(entry object) []hostPort {
	var found []hostPort
	for i, port := range children(entry.spec(), "ports") {
		one := hostPort{owner: entry, path: fmt.Sprintf("spec.ports[%d]", i), name: text(port, "name"), number: number(port, "number")}
		one.target = one.number
		if target := number(port, "targetPort"); target != 0 {
			one.target = target
		}
		one.protocol = protocol.Parse(text(port, "protocol"))
		if one.protocol == "" && !has(port, "protocol") {
			one.protocol = protocol.Parse(one.name)
		}
		found = append(found, one)
	}
	return found
}

func servicePorts(service object) []hostPort {
	var found []hostPort
	for i, port := range children(service.spec(), "ports") {
		one := hostPort{owner: service, path: fmt.Sprintf("spec.ports[%d]", i), name: text(port, "name"), number: number(port, "port")}
		one.target = one.number
		if target := number(port, "targetPort"); target != 0 {
			one.target = target
		}
		if one.protocol = protocol.Parse(text(port, "appProtocol")); one.protocol == "" {
			one.protocol = protocol.Parse(one.name)
		}
		found = append(found, one)
	}
	return found
}

// ownFirst returns the objects of the namespace, or all when it has none: a namespace's own come before others'.
func ownFirst(objects []object, namespace string) []object {
	var own []object
	for _, one := range objects {
		if one.namespace == namespace {
			own = append(own, one)
		}
	}
	if len(own) > 0 {
		return own
	}
	return objects
}

// entriesOf returns the ServiceEntries of a host, else those of the closest wildcard.
func (s *set) entriesOf(host string) []object {
	if entries := s.entries[host]; len(entries) > 0 {
		return entries
	}
	for rest := host; ; {
		_, after, found := strings.Cut(rest, ".")
		if !found {
			return nil
		}
		if entries := s.entries["*."+after]; len(entries) > 0 {
			return entries
		}
		rest = after
	}
}
