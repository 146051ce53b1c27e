package render_test

import (
	"reflect"
	"sync"
	"testing"

	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
)

// One chart renders at once for many, from values that they share, and leaves the values as they are. The race
// detector watches in CI.
func TestRenderConcurrently(t *testing.T) {
	for chart, values := range map[*render.Chart]map[string]any{
		loadEmbedded(t):            valuesgen.Sample(9),
		loadTestChart(t, "state"):  {"table": map[string]any{"a": "mine"}}, // its templates write to the values
		loadTestChart(t, "parent"): {"child": map[string]any{"port": 90.0}},
	} {
		t.Run(chart.Name(), func(t *testing.T) {
			before := deepCopy(values)
			want := string(mustRender(t, chart, values).Manifest())
			var renders sync.WaitGroup
			for range 8 {
				renders.Go(func() {
					if got := string(mustRender(t, chart, values).Manifest()); got != want {
						t.Errorf("manifest\n%s\nwant\n%s", got, want)
					}
					if _, err := chart.Findings(values, render.Options{}); err != nil && chart.Name() == "istio-egress" {
						t.Error(err)
					}
				})
			}
			renders.Wait()
			if !reflect.DeepEqual(values, before) {
				t.Errorf("values changed to %v from %v", values, before)
			}
		})
	}
}

func mustRender(t *testing.T, chart *render.Chart, values map[string]any) *render.Result {
	t.Helper()
	result, err := chart.Render(values, render.Options{})
	if err != nil {
		t.Error(err)
		return &render.Result{}
	}
	return result
}

func deepCopy(value any) any {
	switch v := value.(type) {
	case map[string]any:
		copied := map[string]any{}
		for key, item := range v {
			copied[key] = deepCopy(item)
		}
		return copied
	case []any:
		copied := make([]any, len(v))
		for i, item := range v {
			copied[i] = deepCopy(item)
		}
		return copied
	}
	return value
}
