// Package charts carries the istio-egress chart inside Go programs.
package charts

import (
	"embed"
	"io/fs"
)

//go:embed all:istio-egress
var files embed.FS

// IstioEgress returns the chart's files, with Chart.yaml at the root.
func IstioEgress() fs.FS {
	chart, err := fs.Sub(files, "istio-egress")
	if err != nil {
		panic(err) // the embedded folder exists or the package does not compile
	}
	return chart
}
