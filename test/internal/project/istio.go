package project

import (
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// IstioVersions are the minor versions of Istio that the chart supports, oldest first, such as 1.30 and 1.31. Chart.yaml says
// so, and nothing else does.
func IstioVersions() []string {
	data, err := os.ReadFile(filepath.Join(Chart(), "Chart.yaml"))
	if err != nil {
		panic(err)
	}
	var chart struct{ Annotations map[string]string }
	if err := yaml.Unmarshal(data, &chart); err != nil {
		panic(err)
	}
	return strings.Fields(chart.Annotations["istio-egress/istio-versions"])
}

// NewestIstio is the newest of them, which the tests run with.
func NewestIstio() string {
	versions := IstioVersions()
	return versions[len(versions)-1]
}
