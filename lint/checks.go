package lint

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/istio-egress/istio-egress/position"
	"github.com/istio-egress/istio-egress/render"
)

// check finds what the chart accepts and a user should know about. There is a file for each.
type check func(*loadedRelease, Options) []Finding

var checks = []check{
	checkArgoCD,
	checkClientCertificateVisible,
	checkMutualFiles,
	checkNoEffect,
	checkReleaseSize,
	checkRewriteHostOff,
	checkSelectorOverlap,
	checkTLSToPlaintextPort,
	checkTwoLabels,
	checkWildcardSuffix,
}

func runChecks(release *loadedRelease, options Options) []Finding {
	var findings []Finding
	for _, check := range checks {
		findings = append(findings, check(release, options)...)
	}
	wrong := release.wrongValues()
	return slices.DeleteFunc(findings, func(finding Finding) bool {
		return finding.ID != idMutualFiles && (wrong[sameValue(finding.path)] || slices.ContainsFunc(finding.Related, func(related Related) bool { return wrong[sameValue(at(related.Path))] }))
	})
}

// wrongValues are what the chart refuses. What a check says of the same value, or of another of the same port or tls, is a guess.
func (r *loadedRelease) wrongValues() map[string]bool {
	wrong := map[string]bool{}
	for _, refused := range r.chart {
		if refused.Severity == Error {
			wrong[sameValue(at(refused.Path))] = true
		}
	}
	return wrong
}

// entryDepth is the length of an entry's path, such as externalNameServices[0].
const entryDepth = 2

// sameValue returns one text for the fields of a map in an entry, and else for each path its own: so for each item of a list.
func sameValue(path position.Path) string {
	if len(path) > entryDepth+1 && !path[len(path)-1].List {
		return path[:len(path)-1].String() + ".*"
	}
	return path.String()
}

func warning(id string, path position.Path, format string, args ...any) Finding {
	return Finding{ID: id, Severity: Warning, path: path, Message: fmt.Sprintf(format, args...)}
}

// aboutKey says that the field should not be there, whatever its value.
func aboutKey(f Finding) Finding {
	f.about = render.AboutKey
	return f
}

func (f Finding) relatedTo(paths ...position.Path) Finding {
	for _, path := range paths {
		f.Related = append(f.Related, Related{Path: path.String()})
	}
	return f
}

// suggesting adds the value that the message offers; nil to remove what is at the path.
func (f Finding) suggesting(path position.Path, value any) Finding {
	f.Suggestion = &render.Suggestion{Path: path.String(), Value: value}
	return f
}

// sameLabels tells whether two selectors are the same.
func sameLabels(a, b map[string]string) bool { return maps.Equal(a, b) }

// labelText writes labels in one way.
func labelText(labels map[string]string) string {
	data, err := json.Marshal(labels)
	if err != nil {
		panic(err) // texts always encode
	}
	return string(data)
}

// brokenEntries are the paths of the entries that the chart refuses.
func (r *loadedRelease) brokenEntries() map[string]bool {
	broken := map[string]bool{}
	for _, finding := range r.chart {
		if path := at(finding.Path); finding.Severity == Error && len(path) >= entryDepth {
			broken[path[:entryDepth].String()] = true
		}
	}
	return broken
}

// hasErrors tells whether the chart refuses the release.
func hasErrors(release *loadedRelease) bool {
	return slices.ContainsFunc(release.chart, func(finding render.Finding) bool { return finding.Severity == Error })
}
