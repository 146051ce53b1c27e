package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/render"
)

// release is the version that archives of a release are built with: nothing else tells it there.
var release string

const istioModule = "istio.io/istio"

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
