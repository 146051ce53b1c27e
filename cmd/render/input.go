package main

import (
	"cmp"
	"errors"
	"io"
	"os"

	"github.com/spf13/pflag"

	"github.com/istio-egress/istio-egress/internal/valuesflags"
	"github.com/istio-egress/istio-egress/render"
)

// input is what every command works on: a chart, values and a release. The flags are helm's.
type input struct {
	chart   string
	values  render.ValuesOptions
	release render.Options
}

func (i *input) addFlags(f *pflag.FlagSet) {
	f.StringVar(&i.chart, "chart", "", "chart directory or .tgz at this `path` instead of the embedded istio-egress chart")

	v := &i.values
	valuesflags.Add(f, valuesflags.Values{Files: &v.Files, Set: &v.Set, SetString: &v.SetString, SetJSON: &v.SetJSON, SetFile: &v.SetFile})

	f.StringVar(&i.release.ReleaseName, "release-name", "release-name", "`name` of the release")
	f.StringVarP(&i.release.Namespace, "namespace", "n", defaultNamespace(), "`namespace` of the release")
	f.StringVar(&i.release.KubeVersion, "kube-version", "", "Kubernetes `version` that the chart sees (default: that of helm "+render.HelmVersion+")")
	f.StringSliceVarP(&i.release.APIVersions, "api-versions", "a", nil, "Kubernetes API `versions` that the chart sees besides the built-in ones (can be repeated)")
	valuesflags.AddSkipSchema(f, &i.release.SkipSchemaValidation)
	f.BoolVar(&i.release.IsUpgrade, "is-upgrade", false, "set .Release.IsUpgrade instead of .Release.IsInstall")
}

// defaultNamespace is default; as a plugin, it is the namespace that helm knows: helm takes -n away from its plugins' arguments.
func defaultNamespace() string {
	if os.Getenv("HELM_PLUGIN_NAME") != "egress" {
		return "default"
	}
	return cmp.Or(os.Getenv("HELM_NAMESPACE"), "default")
}

var errNoInput = errors.New("no values given: use -f values.yaml, -f - for standard input, or --set (render --help shows all flags)")

// load reads the chart and the values.
func (i *input) load(stdin io.Reader) (*render.Chart, map[string]any, error) {
	if !i.values.Given() {
		return nil, nil, errNoInput
	}
	if err := i.release.Check(); err != nil {
		return nil, nil, err
	}
	chart, err := i.loadChart()
	if err != nil {
		return nil, nil, err
	}
	i.values.Stdin = stdin
	values, err := render.ReadValues(i.values)
	return chart, values, err
}

func (i *input) loadChart() (*render.Chart, error) {
	if i.chart == "" {
		return render.Load()
	}
	return render.LoadDir(i.chart)
}
