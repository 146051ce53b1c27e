package lint

import (
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/position"
)

const idSelectorOverlap = "selector-overlap"

// checkSelectorOverlap reports workload selectors for the same host that can select the same workload, where their rules
// differ on any port of the host: Istio applies one of the two rules to the workload, and not the other.
func checkSelectorOverlap(release *loadedRelease, _ Options) []Finding {
	broken := release.brokenEntries()
	var findings []Finding
	for _, destination := range release.model.Destinations {
		if slices.ContainsFunc(destination.Services, func(service *egress.Service) bool { return broken[service.Path] }) {
			continue // what the chart refuses has no rules
		}
		findings = append(findings, overlapsOf(destination)...)
	}
	return findings
}

func overlapsOf(destination *egress.Destination) []Finding {
	selectors := selectorsOf(destination)
	var findings []Finding
	for i, selector := range selectors {
		for _, other := range limit(selectors[:i], maxCompared) {
			if !overlap(selector.labels, other.labels) {
				continue
			}
			ports := differingPorts(destination, selector.labels, other.labels)
			if len(ports) == 0 {
				continue
			}
			findings = append(findings, warning(idSelectorOverlap, selector.path(),
				"a workload can have the labels of this selector and of %s's, and Istio applies the rule of one selector to it and not the other's, whichever it finds first: for %s the two differ on %s; give both selectors a common label with other values, or both the same selector",
				other.service.ID(), destination.Host, portList(ports)).relatedTo(other.path()))
			break
		}
	}
	return findings
}

// selector is a workload selector of a destination, and the first service that has it.
type selector struct {
	labels  map[string]string
	service *egress.Service
}

func (s selector) path() position.Path { return at(s.service.Path, "workloadSelector") }

func selectorsOf(destination *egress.Destination) []selector {
	var selectors []selector
	known := map[string]bool{}
	for _, service := range destination.Services {
		key := labelText(service.Selector)
		if len(service.Selector) == 0 || known[key] {
			continue
		}
		known[key] = true
		selectors = append(selectors, selector{service.Selector, service})
	}
	return selectors
}

// overlap tells whether one workload can match both selectors.
func overlap(labels, others map[string]string) bool {
	for key, value := range labels {
		if other, both := others[key]; both && other != value {
			return false
		}
	}
	return true
}

func differingPorts(destination *egress.Destination, labels, others map[string]string) []int {
	var numbers []int
	for _, port := range destination.Ports {
		rule, other := ruleOf(port, labels), ruleOf(port, others)
		if !proto.Equal(rule.TLS.GetSettings(), other.TLS.GetSettings()) || !proto.Equal(rule.Policy, other.Policy) {
			numbers = append(numbers, port.Number)
		}
	}
	return numbers
}

func ruleOf(port *egress.DestinationPort, labels map[string]string) egress.Rule {
	for _, rule := range port.Rules {
		if sameLabels(rule.Selector, labels) {
			return rule
		}
	}
	return egress.Rule{}
}

func portList(ports []int) string {
	if len(ports) == 1 {
		return "port " + strconv.Itoa(ports[0])
	}
	numbers := make([]string, len(ports))
	for i, port := range ports {
		numbers[i] = strconv.Itoa(port)
	}
	return "ports " + strings.Join(numbers, ", ")
}
