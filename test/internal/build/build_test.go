package build_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/build"
)

const greeter = `package main

import "fmt"

var greeting = "hello"

func main() { fmt.Print(greeting) }
`

// greeterModule writes a module with one command and returns how to build it.
func greeterModule(t *testing.T) (build.Command, *bytes.Buffer) {
	t.Helper()
	module := t.TempDir()
	write(t, filepath.Join(module, "go.mod"), "module example.com/greeter\n\ngo 1.26.0\n")
	write(t, filepath.Join(module, "main.go"), greeter)
	write(t, filepath.Join(module, "library", "library.go"), "package library\n")
	progress := new(bytes.Buffer)
	return build.Command{
		Name: "greeter", Package: ".", Module: module, Cache: t.TempDir(), Progress: progress,
	}, progress
}

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

func run(t *testing.T, path string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), path).Output()
	require.NoError(t, err)
	return string(out)
}

func TestBuildOnceAndReuse(t *testing.T) {
	command, progress := greeterModule(t)

	first, err := command.Build(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "hello", run(t, first))
	assert.True(t, filepath.IsAbs(first), "%s must be absolute", first)
	assert.Contains(t, progress.String(), "building greeter")

	progress.Reset()
	second, err := command.Build(t.Context())
	require.NoError(t, err)
	assert.Equal(t, first, second)
	assert.Empty(t, progress.String(), "a cached command is not built again")
}

func TestBuildAnewWhenInputsChange(t *testing.T) {
	command, _ := greeterModule(t)
	before, err := command.Build(t.Context())
	require.NoError(t, err)

	command.LDFlags = []string{"-X main.greeting=ahoy"}
	flagged, err := command.Build(t.Context())
	require.NoError(t, err)
	assert.NotEqual(t, before, flagged)
	assert.Equal(t, "ahoy", run(t, flagged))

	command.LDFlags = nil
	write(t, filepath.Join(command.Module, "main.go"), strings.ReplaceAll(greeter, "hello", "servus"))
	edited, err := command.Build(t.Context())
	require.NoError(t, err)
	assert.NotEqual(t, before, edited)
	assert.Equal(t, "servus", run(t, edited))

	write(t, filepath.Join(command.Module, "library", "library.go"), "package library // not linked\n")
	same, err := command.Build(t.Context())
	require.NoError(t, err)
	assert.Equal(t, edited, same, "a package that is not linked changes nothing")
}

func TestBuildOnceForManyCallers(t *testing.T) {
	command, _ := greeterModule(t)
	var callers sync.WaitGroup
	progress := make([]bytes.Buffer, 4)
	for i := range progress {
		caller := command
		caller.Progress = &progress[i]
		callers.Go(func() {
			_, err := caller.Build(t.Context())
			assert.NoError(t, err)
		})
	}
	callers.Wait()

	built := 0
	for i := range progress {
		built += strings.Count(progress[i].String(), "built greeter")
	}
	assert.Equal(t, 1, built)
	left, err := filepath.Glob(filepath.Join(command.Cache, "greeter", "building-*"))
	require.NoError(t, err)
	assert.Empty(t, left, "temporary folders are removed")
}

func TestBuildRemovesOldBinaries(t *testing.T) {
	command, _ := greeterModule(t)
	var paths []string
	for _, greeting := range []string{"one", "two", "three", "four", "five", "six"} {
		command.LDFlags = []string{"-X main.greeting=" + greeting}
		path, err := command.Build(t.Context())
		require.NoError(t, err)
		paths = append(paths, path)
	}
	assert.NoFileExists(t, paths[0])
	assert.NoFileExists(t, paths[1])
	for _, path := range paths[2:] {
		assert.FileExists(t, path)
	}
}

func TestBuildErrors(t *testing.T) {
	broken, _ := greeterModule(t)
	write(t, filepath.Join(broken.Module, "main.go"), "package main\n\nfunc main() { missing() }\n")
	library, _ := greeterModule(t)
	library.Package = "./library"
	absent, _ := greeterModule(t)
	absent.Package = "./absent"

	for name, c := range map[string]struct {
		command build.Command
		want    string
	}{
		"code that does not compile":     {broken, "undefined: missing"},
		"a package that is no command":   {library, "example.com/greeter/library is package library, not a command"},
		"a package that does not exist":  {absent, "absent"},
		"a module folder that is absent": {build.Command{Name: "x", Package: ".", Module: "absent", Cache: t.TempDir()}, "absent"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.command.Build(t.Context())
			require.ErrorContains(t, err, c.want)
			assert.ErrorContains(t, err, "build "+c.command.Name)
			left, err := filepath.Glob(filepath.Join(c.command.Cache, c.command.Name, "*-*"))
			require.NoError(t, err)
			assert.Empty(t, left, "a failed build leaves no binary")
		})
	}
}

func TestBuildStopsWithItsContext(t *testing.T) {
	command, _ := greeterModule(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := command.Build(ctx)
	assert.ErrorIs(t, err, context.Canceled)
}

func TestModuleVersion(t *testing.T) {
	version, err := build.ModuleVersion(t.Context(), "../..", "helm.sh/helm/v3")
	require.NoError(t, err)
	assert.Regexp(t, `^v3\.\d+\.\d+$`, version)

	_, err = build.ModuleVersion(t.Context(), "../..", "example.com/absent")
	assert.ErrorContains(t, err, "example.com/absent")
}

func TestModuleFolder(t *testing.T) {
	folder, err := build.ModuleFolder(t.Context(), "../..", "istio.io/api")
	require.NoError(t, err)
	assert.FileExists(t, filepath.Join(folder, "go.mod"))

	_, err = build.ModuleFolder(t.Context(), "../..", "example.com/absent")
	assert.ErrorContains(t, err, "example.com/absent")
}
