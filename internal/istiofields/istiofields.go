// Package istiofields tells since which minor version Istio knows a field of its kinds, and which versions the chart supports.
package istiofields

import (
	_ "embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/charts"
	"github.com/istio-egress/istio-egress/internal/words"
)

// Table has, a line each, the fields that are not in the CRDs of the oldest version: the version that brought the field, its
// kind, and its path, as in "1.31 Gateway spec.servers[].tls.insecureSkipVerify". What is below such a field is not listed.
// test/istiofields writes it from the CRDs of all versions.
//
//go:embed fields.txt
var Table string

var since = parseTable()

func parseTable() map[string]string {
	fields := map[string]string{}
	for line := range strings.Lines(Table) {
		version, field, _ := strings.Cut(strings.TrimSpace(line), " ")
		fields[field] = version
	}
	return fields
}

// Since returns the minor version, such as 1.31, that brought a field of a kind: by its path, such as spec.hosts or
// spec.http[].timeout. It is empty for fields that all supported versions have, and for unknown ones.
func Since(kind, path string) string { return since[kind+" "+path] }

// Versions are the minor versions that the chart supports, oldest first, such as 1.30 and 1.31. They stand in Chart.yaml.
func Versions() []string {
	data, err := fs.ReadFile(charts.IstioEgress(), "Chart.yaml")
	var chart struct{ Annotations map[string]string }
	if err == nil {
		err = yaml.Unmarshal(data, &chart)
	}
	if err != nil {
		panic(err) // the embedded file is read by tests
	}
	return strings.Fields(chart.Annotations["istio-egress/istio-versions"])
}

// Minor returns the supported minor version that a text means, such as 1.30 or 1.30.2. Empty text means the oldest.
func Minor(text string) (string, error) {
	versions := Versions()
	if text == "" {
		return versions[0], nil
	}
	for _, version := range versions {
		if text == version || strings.HasPrefix(text, version+".") {
			return version, nil
		}
	}
	return "", fmt.Errorf("version %q of Istio is not supported: write %s", text, words.List(versions, "or"))
}

// Before tells whether a minor version is older than another.
func Before(version, other string) bool { return slices.Compare(numbers(version), numbers(other)) < 0 }

func numbers(version string) []int {
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		number, _ := strconv.Atoi(part) // versions of Chart.yaml and of the table, which tests read
		all = append(all, number)
	}
	return all
}
