package main

import (
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"github.com/istio-egress/istio-egress/internal/outputdir"
	"github.com/istio-egress/istio-egress/render"
)

const outputDirUsage = "write one file per object, <namespace>/<kind>-<name>.yaml, into this `directory` instead of printing; " +
	"replaces what an earlier call wrote there for the same chart, release and namespace, as the files in .render tell, and touches nothing else"

// writeDir writes one file per object, <dir>/<namespace>/<kind>-<name>.yaml, all or none.
func writeDir(dir string, owner outputdir.Owner, documents []render.Document, out io.Writer) error {
	files, err := nameFiles(documents, owner.Namespace)
	if err != nil {
		return err
	}
	ctx, stop := untilInterrupted()
	defer stop()
	changes, err := outputdir.Write(ctx, dir, owner, files)
	if err != nil {
		return fmt.Errorf("--output-dir: %w", err)
	}
	for _, name := range changes.Written {
		fmt.Fprintf(out, "wrote %s\n", filepath.Join(dir, filepath.FromSlash(name)))
	}
	for _, name := range changes.Removed {
		fmt.Fprintf(out, "removed %s\n", filepath.Join(dir, filepath.FromSlash(name)))
	}
	return nil
}

// owner is the release, as the owner of files.
func (i *input) owner(chart string) outputdir.Owner {
	release := i.release.WithDefaults()
	return outputdir.Owner{Chart: chart, Namespace: release.Namespace, Release: release.ReleaseName}
}

func nameFiles(documents []render.Document, namespace string) ([]outputdir.File, error) {
	var files []outputdir.File
	taken := map[string]render.Document{}
	for _, d := range documents {
		if d.Kind == "" {
			continue // comments alone
		}
		if d.Namespace == "" {
			d.Namespace = namespace
		}
		name := path.Join(d.Namespace, strings.ToLower(d.Kind)+"-"+d.Name+".yaml")
		if strings.ContainsAny(d.Namespace+d.Name+d.Kind, `/\`) || !filepath.IsLocal(name) || strings.HasPrefix(name, ".") {
			return nil, fmt.Errorf("%s: the name of %s cannot be a file name", d.Template, d.ID())
		}
		if first, twice := taken[name]; twice {
			return nil, fmt.Errorf("%s is rendered twice, by %s and %s", d.ID(), first.Template, d.Template)
		}
		taken[name] = d
		files = append(files, outputdir.File{Name: name, Content: d.String()})
	}
	return files, nil
}
