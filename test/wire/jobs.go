package main

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/test/wire/internal/cases"
)

// istiodVariable tells the run in the sandbox for which of istiod's variables it is.
const istiodVariable = "ISTIO_EGRESS_WIRE_ISTIOD"

// job is a file in one of its meshes.
type job struct {
	file     *cases.File
	variant  cases.Variant
	selected []*cases.Case
}

func (j job) name() string {
	return strings.TrimSuffix(filepath.Base(j.file.Path), ".yaml") + " (" + j.variant.String() + ")"
}

// jobs are the files and meshes with cases that were asked for, by istiod's variables.
func jobs(o options, files []*cases.File) map[string][]job {
	all := map[string][]job{}
	for _, file := range files {
		base := strings.TrimSuffix(filepath.Base(file.Path), ".yaml")
		for _, variant := range file.Variants() {
			j := job{file: file, variant: variant}
			for i := range file.Cases {
				each := &file.Cases[i]
				if o.only.MatchString(base+"/"+each.Name) && (each.Only == "" || each.Only == variant.Outbound) {
					j.selected = append(j.selected, each)
				}
			}
			if len(j.selected) > 0 {
				key := variables(file)
				all[key] = append(all[key], j)
			}
		}
	}
	return all
}

// variables are those of istiod, as one word: a=b,c=d.
func variables(file *cases.File) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(file.Surroundings.Istiod)) {
		all = append(all, name+"="+file.Surroundings.Istiod[name])
	}
	return strings.Join(all, ",")
}
