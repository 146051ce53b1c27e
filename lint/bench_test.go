package lint_test

import (
	"fmt"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

func BenchmarkLint(b *testing.B) {
	for _, entries := range []int{10, 1_000, 10_000} {
		data, err := yaml.Marshal(valuesgen.Sample(entries))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("entries=%d", entries), func(b *testing.B) {
			chart := load(b)
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				_, err := lint.Releases(chart, []lint.Release{{Values: render.ValuesOptions{
					Files: []string{"-"}, Stdin: strings.NewReader(string(data)),
				}}}, lint.Options{})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
