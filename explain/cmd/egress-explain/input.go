package main

import (
	"errors"
	"io"
	"strings"

	"github.com/spf13/pflag"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/explain"
	"github.com/istio-egress/istio-egress/internal/valuesflags"
	"github.com/istio-egress/istio-egress/render"
)

// input is what is read: the values of a release, with the flags of render, and manifests.
type input struct {
	values  render.ValuesOptions
	release render.Options
	with    []string
}

func (i *input) addFlags(f *pflag.FlagSet) {
	v := &i.values
	valuesflags.Add(f, valuesflags.Values{Files: &v.Files, Set: &v.Set, SetString: &v.SetString, SetJSON: &v.SetJSON, SetFile: &v.SetFile})
	valuesflags.AddSkipSchema(f, &i.release.SkipSchemaValidation)
	f.StringVar(&i.release.ReleaseName, "release-name", "release-name", "`name` of the release")
	f.StringVarP(&i.release.Namespace, "namespace", "n", "default", "`namespace` of the release, and of manifests that name none")
	f.StringArrayVar(&i.with, "with", nil, "manifests of the cluster in this `path`, YAML or JSON: a file, a directory, or - (can be repeated)")
}

// material is what was read.
type material struct {
	objects []explain.Object
	model   *egress.Model  // nil without values
	others  map[string]int // objects of --with that are not read, by kind
}

var (
	errNoInput    = errors.New("neither values nor manifests are given: use -f values.yaml, --set, or --with manifests.yaml (egress-explain --help shows all flags)")
	errStdinTwice = errors.New("standard input can be read only once: give - for one of -f and --with, and the others by name")
)

func (i *input) read(stdin io.Reader) (*material, error) {
	if !i.values.Given() && len(i.with) == 0 {
		return nil, errNoInput
	}
	if err := i.checkStdin(); err != nil {
		return nil, err
	}
	manifests, err := explain.ReadManifests(i.with, stdin, i.release.Namespace)
	if err != nil {
		return nil, err
	}
	m := &material{objects: manifests.Objects, others: manifests.Others}
	if !i.values.Given() {
		return m, nil
	}
	i.values.Stdin = stdin
	declared, err := explain.Release{Values: i.values, Options: i.release}.Declare()
	if err != nil {
		return nil, err
	}
	m.objects, m.model = explain.Join(manifests.Objects, declared.Objects), declared.Model
	return m, nil
}

func (i *input) checkStdin() error {
	read := 0
	for _, names := range [][]string{i.values.Files, i.with} {
		for _, name := range names {
			if strings.TrimSpace(name) == "-" {
				read++
			}
		}
	}
	if read > 1 {
		return errStdinTwice
	}
	return nil
}

// clusterDomain is the domain of the cluster's DNS that the names of values have.
func clusterDomain(model *egress.Model) string {
	for _, service := range model.Services {
		if domain, ok := strings.CutPrefix(service.Host, service.Name+"."+service.Namespace+".svc."); ok {
			return domain
		}
	}
	return ""
}
