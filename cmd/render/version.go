package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/istio-egress/istio-egress/render"
)

// versionFunc is the template function that prints the version when --version asks for it: a start need not load the chart.
const versionFunc = "buildVersion"

func init() { cobra.AddTemplateFunc(versionFunc, version) }

// version names the build and what it renders with.
func version() string {
	text := fmt.Sprintf("render %s", buildVersion())
	if chart, err := render.Load(); err == nil {
		text += fmt.Sprintf(" (chart %s %s, helm %s, %s)", chart.Name(), chart.Version(), render.HelmVersion, runtime.Version())
	}
	return text
}

// buildVersion is the module's version for "go install ...@v1.2.3", and names the commit for a build from a clone.
func buildVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" {
		return "(devel)"
	}
	return info.Main.Version
}

// newVersionCommand prints what --version does, for those who look for a command.
func newVersionCommand(s streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(s.out, version())
			return err
		},
	}
}
