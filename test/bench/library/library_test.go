// Package library measures one render in a Go program that has loaded the chart:
// by this project's package render, and by the Helm SDK as programs use it.
//
//	go test -run '^$' -bench . -count 10 ./bench/library | benchstat -col .name -
package library

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v3/pkg/action"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

var sizes = []int{1}

func forSizes(b *testing.B, run func(values map[string]any) (string, error)) {
	for _, entries := range sizes {
		b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) {
			values := valuesgen.Sample(entries)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := run(values); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkRender(b *testing.B) { forSizes(b, rendered(b)) }

func BenchmarkInstallDryRun(b *testing.B) { forSizes(b, installed(b)) }

// rendered loads the chart and returns how to render it.
func rendered(t testing.TB) func(map[string]any) (string, error) {
	chart, err := render.Load()
	require.NoError(t, err)
	return func(values map[string]any) (string, error) {
		result, err := chart.Render(values, render.Options{})
		if err != nil {
			return "", err
		}
		return string(result.Manifest()), nil
	}
}

// installed loads the chart and returns how to install it with Helm's SDK, as
// helm template does: without a cluster.
func installed(t testing.TB) func(map[string]any) (string, error) {
	chart, err := loader.LoadDir(filepath.Join(project.Root(), "charts", "istio-egress"))
	require.NoError(t, err)
	version, err := chartutil.ParseKubeVersion("v1.37.0")
	require.NoError(t, err)
	return func(values map[string]any) (string, error) {
		install := action.NewInstall(&action.Configuration{Log: func(string, ...any) {}})
		install.DryRun, install.ClientOnly, install.Replace = true, true, true
		install.ReleaseName, install.Namespace, install.KubeVersion = "release-name", "default", version
		release, err := install.Run(chart, values)
		if err != nil {
			return "", err
		}
		return release.Manifest, nil
	}
}

func TestBothPrintTheSame(t *testing.T) {
	for _, entries := range []int{1, 10} {
		want, err := installed(t)(valuesgen.Sample(entries))
		require.NoError(t, err)
		got, err := rendered(t)(valuesgen.Sample(entries))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
