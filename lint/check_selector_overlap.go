package lint

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/position"
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
		if reported[o.one.key] {
			continue
		}
		ports := differingPorts(rules[o.one.key], rules[o.other.key])
		if len(ports) == 0 {
			continue
		}
		reported[o.one.key] = true
		findings = append(findings, warning(idSelectorOverlap, o.one.path.Join(position.Key("workloadSelector")),
			"a workload can have the labels of this selector and of %s's, and Istio applies the rule of one alone to it, which one is left to chance: for %s the two differ on %s; give both selectors a common label with other values, or both the same selector",
			o.other.label(), o.one.host, portList(ports)).
			relatedTo(o.other.path.Join(position.Key("workloadSelector"))))
	}
	return findings
}

// selection is the first entry with a selector for a host, and the key of the rule that the chart renders for it.
type selection struct {
	*entry
	key string
}

// overlap is two selections for one host that can select one workload.
type overlap struct{ one, other selection }

// findOverlaps compares the selectors of each host, one entry for each, and returns the keys of hosts that have overlaps.
func findOverlaps(release *loadedRelease) (overlaps []overlap, hosts map[string]bool) {
	hosts = map[string]bool{}
	selecting := map[string][]selection{}
	known := map[string]bool{}
	for i := range release.entries {
		one := selection{entry: &release.entries[i]}
		if len(one.selector) == 0 || one.host == "" || one.inCluster() {
			continue
		}
		one.key = ruleKey(one.namespace, one.host, one.selector)
		if known[one.key] {
			continue
		}
		known[one.key] = true
		host := one.hostKey()
		for _, other := range limit(selecting[host], maxCompared) {
			if one.overlaps(*other.entry) {
				overlaps = append(overlaps, overlap{one, other})
				hosts[host] = true
			}
		}
		selecting[host] = append(selecting[host], one)
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

// ruleKey names the rule that the chart renders for a host and a selector.
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
