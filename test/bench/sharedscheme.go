package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/istio-egress/istio-egress/test/internal/build"
	"github.com/istio-egress/istio-egress/test/internal/helmcommand"
)

// The change: Kubernetes' client has a scheme with all its kinds, ready made.
const (
	schemePerObject = "scheme := runtime.NewScheme()\n\tkscheme.AddToScheme(scheme)\n"
	schemeShared    = "scheme := kscheme.Scheme\n"
)

// buildSharedScheme builds helm 3 from a changed copy of its module.
func buildSharedScheme(ctx context.Context) (string, error) {
	temp, err := os.MkdirTemp("", "bench-helm-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(temp) }()
	module, err := build.ModuleFolder(ctx, helmcommand.Folder(), helmcommand.Helm3)
	if err != nil {
		return "", err
	}
	helm := filepath.Join(temp, "helm")
	if err := copySources(helm, module); err != nil {
		return "", fmt.Errorf("copy %s: %w", helmcommand.Helm3, err)
	}
	if err := shareScheme(filepath.Join(helm, "pkg", "lint", "rules", "deprecations.go")); err != nil {
		return "", err
	}
	if err := replaceModule(ctx, temp, helm); err != nil {
		return "", err
	}
	command, err := helmcommand.Command(ctx, "helm3-shared-scheme", helmcommand.Helm3)
	if err != nil {
		return "", err
	}
	command.Module = filepath.Join(temp, "test")
	return command.Build(ctx)
}

// copySources copies a module out of Go's cache, whose files cannot be written.
func copySources(to, from string) error {
	return filepath.WalkDir(from, func(path string, entry os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, relative)
		switch {
		case entry.IsDir() && entry.Name() == "testdata":
			return filepath.SkipDir
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o600)
	})
}

func shareScheme(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if strings.Count(string(data), schemePerObject) != 1 {
		return fmt.Errorf("%s builds no runtime scheme per object any more: leave this comparison out of the bench", path)
	}
	changed := strings.Replace(string(data), schemePerObject, schemeShared, 1)
	return os.WriteFile(path, []byte(changed), 0o600)
}

// replaceModule makes a copy of this module's go.mod that takes helm 3 from the
// folder, in temp/test.
func replaceModule(ctx context.Context, temp, helm string) error {
	folder := filepath.Join(temp, "test")
	if err := os.Mkdir(folder, 0o755); err != nil {
		return err
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(helmcommand.Folder(), name))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name), data, 0o600); err != nil {
			return err
		}
	}
	cmd := exec.CommandContext(ctx, "go", "mod", "edit",
		"-replace", helmcommand.Helm3+"="+helm,
		"-replace", "github.com/istio-egress/istio-egress="+root())
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("replace %s: %w\n%s", helmcommand.Helm3, err, out)
	}
	return nil
}
