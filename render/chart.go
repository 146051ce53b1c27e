package render

import (
	"fmt"
	"io/fs"
	"os"
	"sync"

	"github.com/istio-egress/istio-egress/charts"
)

// Chart is a loaded chart. It does not change after loading and is safe for concurrent use.
type Chart struct {
	helm     helmChart
	prepared *prepared // nil for a chart that is left to Helm
}

// Load returns the embedded istio-egress chart. It is parsed once per process, and renders faster than charts from elsewhere.
func Load() (*Chart, error) { return embedded() }

var embedded = sync.OnceValues(loadEmbedded)

func loadEmbedded() (*Chart, error) {
	files, err := readChartFS(charts.IstioEgress())
	if err != nil {
		return nil, fmt.Errorf("load the embedded chart: %w", err)
	}
	loaded, err := loadHelmChart(files)
	if err != nil {
		return nil, fmt.Errorf("load the embedded chart: %w", err)
	}
	compiled, err := prepareEmbedded(loaded)
	if err != nil {
		return nil, fmt.Errorf("load the embedded chart: %w", err)
	}
	return &Chart{helm: loaded, prepared: compiled}, nil
}

// LoadDir loads a chart from a directory or from a packaged chart (.tgz).
func LoadDir(path string) (*Chart, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("load chart: %w", err)
	}
	files, err := readChartPath(path)
	if err != nil {
		return nil, fmt.Errorf("load chart %s: %w", path, err)
	}
	return newChart(files)
}

// LoadFS loads a chart from a file system with Chart.yaml at its root. A .helmignore file is followed.
func LoadFS(fsys fs.FS) (*Chart, error) {
	files, err := readChartFS(fsys)
	if err != nil {
		return nil, fmt.Errorf("load chart: %w", err)
	}
	return newChart(files)
}

func newChart(files []*chartFile) (*Chart, error) {
	loaded, err := loadHelmChart(files)
	if err != nil {
		return nil, fmt.Errorf("load chart: %w", err)
	}
	prepared, err := prepare(loaded)
	if err != nil {
		prepared = nil // Helm finds the same, and tells it with the first render
	}
	return &Chart{helm: loaded, prepared: prepared}, nil
}

// Name returns the chart's name.
func (c *Chart) Name() string { return c.helm.name() }

// Version returns the chart's version.
func (c *Chart) Version() string { return c.helm.version() }
