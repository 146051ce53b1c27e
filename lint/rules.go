package lint

import (
	"encoding/json"
	"maps"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/position"
)

// portRules are what a DestinationRule says of each port, as JSON.
type portRules map[int]string

// renderRules asks the chart for the rules with a workload selector of some hosts, by their ruleKey. Hosts with errors
// are left out: what the chart refuses has no rules.
func renderRules(release *loadedRelease, hosts map[string]bool) map[string]portRules {
	values, ok := valuesOfHosts(release, hosts)
	if !ok {
		return nil
	}
	result, err := release.render(values, release.Options)
	if err != nil {
		return nil
	}
	rules := map[string]portRules{}
	for _, document := range result.Documents() {
		if document.Kind == "DestinationRule" {
			addRule(rules, document.Namespace, document.Content)
		}
	}
	return rules
}

func addRule(rules map[string]portRules, namespace, content string) {
	var rule struct {
		Spec struct {
			Host             string
			WorkloadSelector struct{ MatchLabels map[string]string }
			TrafficPolicy    struct{ PortLevelSettings []map[string]json.RawMessage }
		}
	}
	if yaml.Unmarshal([]byte(content), &rule) != nil || len(rule.Spec.WorkloadSelector.MatchLabels) == 0 {
		return
	}
	ports := portRules{}
	for _, settings := range rule.Spec.TrafficPolicy.PortLevelSettings {
		var port struct{ Number int }
		if json.Unmarshal(settings["port"], &port) != nil {
			continue
		}
		text, err := json.Marshal(settings)
		if err != nil {
			continue
		}
		ports[port.Number] = string(text)
	}
	rules[ruleKey(namespace, rule.Spec.Host, rule.Spec.WorkloadSelector.MatchLabels)] = ports
}

// valuesOfHosts are values with the entries of some hosts alone, without the hosts that have errors.
func valuesOfHosts(release *loadedRelease, hosts map[string]bool) (values map[string]any, ok bool) {
	broken := brokenEntries(release)
	hosts = maps.Clone(hosts)
	for _, one := range release.entries {
		if broken[one.path.String()] {
			delete(hosts, one.hostKey())
		}
	}
	var entries []any
	for _, one := range release.entries {
		if hosts[one.hostKey()] && one.collection == externalNameServices {
			fields := maps.Clone(one.fields)
			fields["name"], fields["namespace"] = one.name, one.namespace
			delete(fields, "exportTo") // the default of all entries is left out, and those of a host must agree
			entries = append(entries, fields)
		}
	}
	return map[string]any{"clusterDomain": clusterDomain(release.values), externalNameServices: entries}, len(entries) > 0
}

const entryDepth = 2 // externalNameServices[0]

// brokenEntries are the paths of entries that the chart refuses.
func brokenEntries(release *loadedRelease) map[string]bool {
	broken := map[string]bool{}
	for _, finding := range release.chart {
		path, err := position.ParsePath(finding.Path)
		if err == nil && finding.Severity == Error && len(path) >= entryDepth {
			broken[path[:entryDepth].String()] = true
		}
	}
	return broken
}
