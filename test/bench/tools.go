package main

import (
	"context"
	"path/filepath"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/helmcommand"
)

// tools are the commands that are measured, by path.
type tools struct {
	render, helm3, helm4, kubeconform, explain string
	// sharedScheme is helm 3 with a change that Helm may make one day: its lint
	// builds one runtime scheme, not one per object.
	sharedScheme string
	versions     []version
}

type version struct{ name, version string }

// root is the folder of the repository.
func root() string { return filepath.Join(helmcommand.Folder(), "..") }

func buildTools(ctx context.Context) (*tools, error) {
	t := &tools{}
	kubeconform := filepath.Join(root(), "ci", "tools", "kubeconform")
	for _, step := range []struct {
		path  *string
		build func() (string, error)
	}{
		{&t.render, with(ctx, build.Command{Name: "render", Package: "./cmd/render", Module: root()})},
		{&t.helm3, func() (string, error) { return helmcommand.Build(ctx, "helm3", helmcommand.Helm3) }},
		{&t.helm4, func() (string, error) { return helmcommand.Build(ctx, "helm4", helmcommand.Helm4) }},
		{&t.sharedScheme, func() (string, error) { return buildSharedScheme(ctx) }},
		{&t.kubeconform, with(ctx, build.Command{Name: "kubeconform", Package: kubeconformModule + "/cmd/kubeconform", Module: kubeconform})},
	} {
		path, err := step.build()
		if err != nil {
			return nil, err
		}
		*step.path = path
	}
	for _, m := range []struct{ name, folder, module string }{
		{"helm 3", helmcommand.Folder(), helmcommand.Helm3},
		{"helm 4", helmcommand.Folder(), helmcommand.Helm4},
		{"kubeconform", kubeconform, kubeconformModule},
	} {
		v, err := build.ModuleVersion(ctx, m.folder, m.module)
		if err != nil {
			return nil, err
		}
		t.versions = append(t.versions, version{m.name, v})
	}
	return t, nil
}

const kubeconformModule = "github.com/yannh/kubeconform"

func with(ctx context.Context, command build.Command) func() (string, error) {
	return func() (string, error) { return command.Build(ctx) }
}
