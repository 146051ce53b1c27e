// Package project finds the parts of this repository that the tests are about.
package project

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/test/internal/build"
)

// Root is the folder of the repository.
func Root() string {
	watch()
	return filepath.Join(folder(), "..", "..", "..")
}

// folder is the folder of this package.
func folder() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Dir(file)
}

// watch makes go test run again what it has cached when the chart, an example
// or the render command changes. go test looks at the files that a test opened,
// but at none outside the test's own module, and not at those that a command
// like helm opened: so each is looked at here, through a link in this folder.
var watch = sync.OnceFunc(func() {
	for _, part := range []string{"charts", "examples", "cmd", "egress", "internal", "lint", "position", "render", "report", "go.mod"} {
		path := filepath.Join(folder(), "repository", part)
		if err := filepath.WalkDir(path, func(_ string, _ fs.DirEntry, err error) error { return err }); err != nil {
			panic(err) // a part of the repository was renamed: name it anew here
		}
	}
})

// Chart is the folder of the chart.
func Chart() string { return filepath.Join(Root(), "charts", "istio-egress") }

// Released is the packaged chart of a version that was released before, to
// upgrade from.
func Released(version string) string {
	return filepath.Join(folder(), "released", "istio-egress-"+version+".tgz")
}

// Example is a folder of examples/: values and what they render.
type Example struct {
	Name string
	// Values and Rendered are paths of files.
	Values, Rendered string
}

// Examples returns every folder of examples/ that has values for the chart.
func Examples(t *testing.T) []Example {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(Root(), "examples", "*", "values.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, paths, "no examples/*/values.yaml")
	examples := make([]Example, len(paths))
	for i, path := range paths {
		folder := filepath.Dir(path)
		examples[i] = Example{Name: filepath.Base(folder), Values: path, Rendered: filepath.Join(folder, "rendered.yaml")}
	}
	return examples
}

// renderPath is the command of this tree, or the one that RENDER_COMMAND names: ci/helm4-sdk builds it otherwise.
var renderPath = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("RENDER_COMMAND"); path != "" {
		return path, nil
	}
	return build.Command{Name: "render", Package: "./cmd/render", Module: Root()}.Build(context.Background())
})

// Render runs the render command and returns its standard output. On failure
// the error's text is what it wrote to standard error.
func Render(t *testing.T, args ...string) ([]byte, error) {
	t.Helper()
	path, err := renderPath()
	require.NoError(t, err)
	var stderr strings.Builder
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && stderr.Len() > 0 {
		err = errors.New(strings.TrimSpace(stderr.String()))
	}
	return out, err
}
