package egress

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Effect tells what the model amounts to for callers, a line for each port of a service and for each rule of a destination
// that services lead to or that is called by its own name, in order. Two models with the same effect do the same with every call, however their entries are
// grouped, named in the values or ordered.
func (m *Model) Effect() []string {
	var lines []string
	for _, service := range m.Services {
		for _, port := range service.Ports {
			lines = append(lines, effectOfPort(service, port))
		}
	}
	for _, destination := range m.Destinations {
		if len(destination.Services) == 0 && destination.Kind != ExternalHost {
			continue
		}
		for _, port := range destination.Ports {
			for _, rule := range port.Rules {
				lines = append(lines, effectOfRule(destination, port, rule))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func effectOfPort(service *Service, port *Port) string {
	line := fmt.Sprintf("%s:%d %s, %s", service.ID(), port.Number, port.Protocol, service.Form)
	if service.InCluster {
		return line + ", to " + service.ExternalName
	}
	if port.To != nil {
		line += fmt.Sprintf(", to %s/%s:%d", port.To.Destination.Namespace, port.To.Destination.Host, port.To.Number)
	}
	if port.Host != "" {
		line += ", Host: " + port.Host
	}
	if port.Route != nil {
		line += ", requests " + settingsText(port.Route)
	}
	line += gatewayText(service)
	if service.ExternalName == "" || service.Form == FormClosed { // an alias is seen by all, its host is not
		line += ", seen by " + seenBy(service.Visibility)
	}
	return line
}

func effectOfRule(destination *Destination, port *DestinationPort, rule Rule) string {
	line := fmt.Sprintf("%s/%s:%d %s, server %s:%d at %v, seen by %s", destination.Namespace, destination.Host, port.Number, port.Protocol,
		destination.Server, port.TargetPort, destination.Addresses, seenBy(destination.Visibility))
	if len(rule.Selector) > 0 {
		line += ", workloads " + labelText(rule.Selector)
	}
	if rule.TLS.GetSettings() != nil && (destination.Kind != ExternalHost || rule.TLS.Mode() != "DISABLE") { // which needs no rule
		line += ", tls " + settingsText(rule.TLS.Settings)
	}
	if rule.Policy != nil {
		line += ", policy " + settingsText(rule.Policy)
	}
	return line
}

// Calls tells what becomes of the calls of local names, a line for each port of a service and group of workloads, in order.
// Unlike [Model.Effect] it does not tell how: the forms of services, and the hosts between, may differ.
func (m *Model) Calls() []string {
	var lines []string
	for _, service := range m.Services {
		for _, port := range service.Ports {
			line := fmt.Sprintf("%s:%d %s", service.ID(), port.Number, port.Protocol)
			if port.To == nil {
				lines = append(lines, line+" to "+service.ExternalName)
				continue
			}
			if port.Host != "" {
				line += ", Host: " + port.Host
			}
			if port.Route != nil {
				line += ", requests " + settingsText(port.Route)
			}
			line += gatewayText(service)
			for _, rule := range port.To.Rules {
				lines = append(lines, line+callsOfRule(port.To, rule))
			}
		}
	}
	slices.Sort(lines)
	return lines
}

func callsOfRule(to *DestinationPort, rule Rule) string {
	server := to.Destination.Server
	if server == "" {
		server = strings.Join(to.Destination.Addresses, ",")
	}
	line := fmt.Sprintf(" to %s:%d, seen by %s", server, to.TargetPort, seenBy(to.Destination.Visibility))
	if len(rule.Selector) > 0 {
		line += ", workloads " + labelText(rule.Selector)
	}
	if mode := rule.TLS.Mode(); mode != "" && mode != "DISABLE" { // which is what a port without settings does
		line += ", tls " + settingsText(rule.TLS.Settings)
	}
	if rule.Policy != nil {
		line += ", policy " + settingsText(rule.Policy)
	}
	return line
}

// gatewayText tells the gateway or the waypoint that calls pass, and who may; empty where they leave directly.
func gatewayText(service *Service) string {
	switch {
	case service.Through != "":
		return ", through " + service.Through + ", called by " + allowText(service.AllowFrom)
	case service.Waypoint != "":
		return ", waypoint " + service.Waypoint + ", called by " + allowText(service.AllowFrom)
	}
	return ""
}

func seenBy(v Visibility) string {
	if len(v.ExportTo) == 0 {
		return "Istio's default"
	}
	return strings.Join(v.ExportTo, ",")
}

// settingsText writes a message in one way: protojson varies its white space on purpose.
func settingsText(message proto.Message) string {
	data, err := protojson.Marshal(message)
	if err != nil {
		return err.Error()
	}
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		return err.Error()
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
