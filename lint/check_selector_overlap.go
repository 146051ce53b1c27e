package lint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/lint/position"
)

const idSelectorOverlap = "selector-overlap"

// checkSelectorOverlap reports workload selectors for the same host that can select the same workload, where their rules
// differ on any port of the host: Istio applies one of the two rules to the workload, and not the other.
func checkSelectorOverlap(release *loadedRelease, _ Options) []Finding {
	overlaps, hosts := findOverlaps(release)
	if len(overlaps) == 0 {
		return nil
	}
	rules := renderRules(release, hosts)
	var findings []Finding
	reported := map[string]bool{}
	for _, o := range overlaps {
		ports := differingPorts(rules[o.one.ruleKey()], rules[o.other.ruleKey()])
		if len(ports) == 0 || reported[o.one.ruleKey()] {
			continue
		}
		reported[o.one.ruleKey()] = true
		findings = append(findings, warning(idSelectorOverlap, o.one.path.Join(position.Key("workloadSelector")),
			"a workload can have the labels of this selector and of %s's, and Istio applies the rule of one alone to it, which one is left to chance: for %s the two differ on %s; give both selectors a common label with other values, or both the same selector",
			o.other.label(), o.one.host, portList(ports)).
			relatedTo(o.other.path.Join(position.Key("workloadSelector"))))
	}
	return findings
}

// overlap is two entries for one host whose selectors can select one workload.
type overlap struct{ one, other entry }

// findOverlaps compares the selectors of each host, one entry for each, and returns the keys of hosts that have overlaps.
func findOverlaps(release *loadedRelease) (overlaps []overlap, hosts map[string]bool) {
	hosts = map[string]bool{}
	selecting := map[string][]entry{}
	known := map[string]bool{}
	for _, one := range release.entries {
		if len(one.selector) == 0 || one.host == "" || one.inCluster() || known[one.ruleKey()] {
			continue
		}
		known[one.ruleKey()] = true
		for _, other := range limit(selecting[one.hostKey()], maxCompared) {
			if one.overlaps(other) {
				overlaps = append(overlaps, overlap{one, other})
				hosts[one.hostKey()] = true
			}
		}
		selecting[one.hostKey()] = append(selecting[one.hostKey()], one)
	}
	return overlaps, hosts
}

// maxCompared bounds comparisons of every selector of a host with every other one.
const maxCompared = 100

func limit[T any](all []T, most int) []T { return all[:min(len(all), most)] }

// overlaps tells whether one workload can match both selectors.
func (e entry) overlaps(other entry) bool {
	for key, value := range e.selector {
		if otherValue, both := other.selector[key]; both && otherValue != value {
			return false
		}
	}
	return true
}

func (e entry) hostKey() string { return e.namespace + "/" + e.host }

// ruleKey names the rule that the chart renders for the entry's host and selector.
func (e entry) ruleKey() string { return ruleKey(e.namespace, e.host, e.selector) }

func ruleKey[V any](namespace, host string, selector map[string]V) string {
	labels, err := json.Marshal(selector)
	if err != nil { // labels are texts; others are the schema's to refuse
		return ""
	}
	return namespace + "/" + host + " " + string(labels)
}

func differingPorts(one, other portRules) []int {
	var ports []int
	for number, rule := range one {
		if otherRule, both := other[number]; both && rule != otherRule {
			ports = append(ports, number)
		}
	}
	slices.Sort(ports)
	return ports
}

func portList(ports []int) string {
	if len(ports) == 1 {
		return fmt.Sprintf("port %d", ports[0])
	}
	return "ports " + strings.Trim(strings.ReplaceAll(fmt.Sprint(ports), " ", ", "), "[]")
}
