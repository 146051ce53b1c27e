package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/render"
)

// release is the version that archives of a release are built with: nothing else tells it there.
var release string

const istioModule = "istio.io/istio"

// versionFunc is the template function that prints the version when --version asks for it: a start need not load the chart.
const versionFunc = "buildVersion"

func init() { cobra.AddTemplateFunc(versionFunc, version) }

// version names the build, the Istio whose code it runs, and the chart that it renders.
func version() string {
	build, istio := "(devel)", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			build = info.Main.Version
		}
		for _, module := range info.Deps {
			if module.Path == istioModule {
				istio = " (" + module.Version + ")"
			}
		}
	}
	if release != "" {
		build = release
	}
	text := fmt.Sprintf("egress-explain %s, Istio %s%s", build, explain.IstioVersion, istio)
	if chart, err := render.Load(); err == nil {
		text += fmt.Sprintf(", chart %s %s", chart.Name(), chart.Version())
	}
	return text + ", " + runtime.Version()
}
