package render

import (
	"fmt"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
)

var sizes = []int{1, 10, 100, 1000, 10000}

// forSizes runs a benchmark with values of every size.
func forSizes(b *testing.B, run func(b *testing.B, values map[string]any)) {
	for _, size := range sizes {
		b.Run(fmt.Sprintf("entries=%d", size), func(b *testing.B) {
			values := valuesgen.Sample(size)
			b.ReportAllocs()
			b.ResetTimer()
			run(b, values)
		})
	}
}

func loadBench(b *testing.B) *Chart {
	b.Helper()
	chart, err := Load()
	if err != nil {
		b.Fatal(err)
	}
	return chart
}

func BenchmarkRender(b *testing.B) {
	chart := loadBench(b)
	forSizes(b, func(b *testing.B, values map[string]any) {
		for b.Loop() {
			if _, err := chart.prepared.render(b.Context(), values, testRelease(b)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkRenderWithHelm is what the same takes with Helm's own code alone.
func BenchmarkRenderWithHelm(b *testing.B) {
	chart := loadBench(b)
	forSizes(b, func(b *testing.B, values map[string]any) {
		for b.Loop() {
			if _, err := chart.helm.renderWithHelm(values, testRelease(b)); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkFindings(b *testing.B) {
	chart := loadBench(b)
	forSizes(b, func(b *testing.B, values map[string]any) {
		for b.Loop() {
			if _, err := chart.Findings(values, Options{}); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkObjects(b *testing.B) {
	chart := loadBench(b)
	forSizes(b, func(b *testing.B, values map[string]any) {
		result, err := chart.Render(values, Options{})
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := result.Objects(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkParseValues(b *testing.B) {
	forSizes(b, func(b *testing.B, values map[string]any) {
		data, err := yaml.Marshal(values)
		if err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if _, err := ParseValues(data); err != nil {
				b.Fatal(err)
			}
		}
	})
}
