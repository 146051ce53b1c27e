package render_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/render"
)

// What the chart says that values mean is what its objects do.
func TestModelIsWhatTheObjectsDo(t *testing.T) {
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		values := valuesgen.Random(random, 1+random.IntN(12))
		declared, findings, err := chart.Declare(values, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, finding := range findings {
			if finding.Severity == render.SeverityError {
				t.Fatalf("%+v", finding)
			}
		}
		result, err := chart.Render(values, render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		sameEffect(t, declared, modelOf(t, result))
		if t.Failed() {
			t.Logf("%s", result.Manifest())
		}
	})
}

// modelOf reads a model from what was rendered.
func modelOf(t *testing.T, result *render.Result) *egress.Model {
	t.Helper()
	model, err := result.Model()
	if err != nil {
		t.Fatal(err)
	}
	return model
}

func sameEffect(t *testing.T, want, got *egress.Model) {
	t.Helper()
	a, b := want.Effect(), got.Effect()
	if slices.Equal(a, b) {
		return
	}
	missing := slices.DeleteFunc(slices.Clone(a), func(line string) bool { return slices.Contains(b, line) })
	other := slices.DeleteFunc(slices.Clone(b), func(line string) bool { return slices.Contains(a, line) })
	t.Errorf("declared\n  %s\nand the objects do\n  %s", strings.Join(missing, "\n  "), strings.Join(other, "\n  "))
}

// Objects that the chart renders become values again, and those render to the same: for all that one entry can say.
func TestValuesOfObjects(t *testing.T) {
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		result, err := chart.Render(valuesgen.Random(random, 1), render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		model := modelOf(t, result)
		if err := chart.Prove(render.ValuesOf(model), model); err != nil {
			t.Errorf("%v\n%s", err, result.Manifest())
		}
	})
}

func TestValuesYAML(t *testing.T) {
	data, err := render.Values{ExternalNameServices: []render.ExternalNameService{{
		Service: render.Service{
			Name: "api", Namespace: "team-a", TLS: &render.TLS{Mode: render.TLSSimple},
			Ports:    []render.Port{{Name: "http", Port: 80, TargetPort: 443}, {Name: "https", Port: 443, TLS: &render.TLS{Mode: render.TLSDisable}}},
			ExportTo: []string{"*", "on"}, WorkloadSelector: &render.WorkloadSelector{MatchLabels: map[string]string{"no": "2e3", "a.b/c": "off"}},
		},
		ExternalName: "api.example.com", Addresses: []string{"192.0.2.1", "2001:db8::1"},
	}}}.YAML()
	if err != nil {
		t.Fatal(err)
	}
	const want = `externalNameServices:
  - name: api
    namespace: team-a
    externalName: api.example.com
    addresses: [192.0.2.1, "2001:db8::1"]
    ports:
      - {name: http, port: 80, targetPort: 443}
      - {name: https, port: 443, tls: {mode: DISABLE}}
    tls: {mode: SIMPLE}
    workloadSelector: {matchLabels: {a.b/c: "off", "no": "2e3"}}
    exportTo: ["*", "on"]
`
	if string(data) != want {
		t.Errorf("got\n%s\nwant\n%s", data, want)
	}
}

// The chart takes off the headers that the model knows by name.
func TestMeshHeadersAreTheCharts(t *testing.T) {
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	values, err := render.ParseValues([]byte("externalNameServices: [{name: api, externalName: api.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}]"))
	if err != nil {
		t.Fatal(err)
	}
	model, _, err := chart.Declare(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := model.Services[0].Ports[0].Route.GetHeaders().GetRequest().GetRemove(); !slices.Equal(got, egress.MeshHeaders) {
		t.Errorf("the chart removes %q, the model knows %q", got, egress.MeshHeaders)
	}
}

// A model of one form is written in the one that the chart chooses, and says so when values cannot say it.
func TestRecommend(t *testing.T) {
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		result, err := chart.Render(valuesgen.Random(random, 1), render.Options{})
		if err != nil {
			t.Fatal(err)
		}
		model := modelOf(t, result)
		values, rendered, err := chart.Recommend(model)
		if err != nil {
			t.Fatalf("%v\n%s", err, result.Manifest())
		}
		for _, entry := range values.ExternalNameServices {
			if entry.ServiceType != "" {
				t.Errorf("%+v", entry)
			}
		}
		for _, entry := range values.EndpointServices {
			if entry.EndpointsKind != "" {
				t.Errorf("%+v", entry)
			}
		}
		if !slices.Equal(model.Calls(), rendered.Calls()) {
			t.Errorf("%q, %q", model.Calls(), rendered.Calls())
		}
	})
}
