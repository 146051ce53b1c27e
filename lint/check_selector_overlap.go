package lint

import (
	"reflect"

	"github.com/istio-egress/istio-egress/lint/position"
)

const idSelectorOverlap = "selector-overlap"

// checkSelectorOverlap reports entries for the same host and port with other TLS settings whose workload selectors can
// select the same workload: which settings that workload gets is left to chance.
func checkSelectorOverlap(release *loadedRelease, _ Options) []Finding {
	var findings []Finding
	selecting := map[string][]entry{}
	for _, one := range release.entries {
		if len(one.selector) == 0 || one.host == "" || one.inCluster() {
			continue
		}
		key := one.namespace + "/" + one.host
		for _, other := range limit(selecting[key], maxCompared) {
			if one.overlaps(other) && one.otherTLS(other) {
				findings = append(findings, warning(idSelectorOverlap, one.path.Join(position.Key("workloadSelector")),
					"a workload can have the labels of this selector and of %s's, and which TLS settings for %s it then gets is left to chance: give both selectors a common label with other values, or the same TLS settings", other.label(), one.host).
					relatedTo(other.path.Join(position.Key("workloadSelector"))))
				break
			}
		}
		selecting[key] = append(selecting[key], one)
	}
	return findings
}

// maxCompared bounds comparisons of every entry of a host with every other one.
const maxCompared = 100

func limit[T any](all []T, most int) []T { return all[:min(len(all), most)] }

// overlaps tells whether one workload can match both selectors, which are not the same (the chart checks those).
func (e entry) overlaps(other entry) bool {
	if reflect.DeepEqual(e.selector, other.selector) {
		return false
	}
	for key, value := range e.selector {
		if otherValue, both := other.selector[key]; both && otherValue != value {
			return false
		}
	}
	return true
}

// otherTLS tells whether a port that both have is treated differently.
func (e entry) otherTLS(other entry) bool {
	for _, port := range e.ports {
		for _, otherPort := range other.ports {
			if port.number == otherPort.number && !reflect.DeepEqual(withoutNulls(port.tls), withoutNulls(otherPort.tls)) {
				return true
			}
		}
	}
	return false
}

func withoutNulls(fields map[string]any) map[string]any {
	set := map[string]any{}
	for key, value := range fields {
		if value != nil {
			set[key] = value
		}
	}
	return set
}
