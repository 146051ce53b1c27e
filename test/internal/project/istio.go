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
	return strings.Fields(metadata().Annotations["istio-egress/istio-versions"])
}

// IstiodVersion is the one of them whose istiod and proxies the tests run.
func IstiodVersion() string { return metadata().AppVersion }

type chartMetadata struct {
	AppVersion  string
	Annotations map[string]string
}

func metadata() chartMetadata {
	data, err := os.ReadFile(filepath.Join(Chart(), "Chart.yaml"))
	if err != nil {
		panic(err)
	}
	var chart chartMetadata
	if err := yaml.Unmarshal(data, &chart); err != nil {
		panic(err)
	}
	return chart
}
