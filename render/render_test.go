package render_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	networking "istio.io/client-go/pkg/apis/networking/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/istio-egress/istio-egress/render"
)

func loadTestChart(t testing.TB, name string) *render.Chart {
	t.Helper()
	chart, err := render.LoadDir("testdata/charts/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

func TestRenderTypedObjects(t *testing.T) {
	result, err := loadTestChart(t, "objects").Render(nil, render.Options{Namespace: "team-a"})
	if err != nil {
		t.Fatal(err)
	}
	objects, err := result.Objects()
	if err != nil {
		t.Fatal(err)
	}
	if len(objects) != 2 {
		t.Fatalf("%d objects, want 2", len(objects))
	}
	service, ok := objects[0].Value.(*corev1.Service)
	if !ok || service.Namespace != "team-a" || service.Spec.Ports[0].Port != 80 {
		t.Errorf("first object: %#v", objects[0].Value)
	}
	entry, ok := objects[1].Value.(*networking.ServiceEntry)
	if !ok || entry.Spec.Hosts[0] != "default-http.example.com" || entry.Spec.Ports[0].Number != 80 {
		t.Errorf("second object: %#v", objects[1].Value)
	}
	if got := objects[1].Document.Template; got != "objects/templates/serviceentry.yaml" {
		t.Errorf("template %s", got)
	}
	if want := "Installed release-name in team-a.\n"; result.Notes() != want {
		t.Errorf("notes %q, want %q", result.Notes(), want)
	}
}

// Options that cannot be are told before anything is rendered: which one, and what to write.
func TestOptionsAreChecked(t *testing.T) {
	chart := loadTestChart(t, "objects")
	for _, tc := range []struct {
		options      render.Options
		option, want string
	}{
		{render.Options{Namespace: "Team_A"}, "Namespace", `namespace "Team_A": no name that Kubernetes takes: write lower-case letters`},
		{render.Options{Namespace: "../../etc"}, "Namespace", "such as team-a"},
		{render.Options{Namespace: strings.Repeat("a", 64)}, "Namespace", "at most 63 characters"},
		{render.Options{ReleaseName: "A B"}, "ReleaseName", `release name "A B": no name that Helm takes`},
		{render.Options{ReleaseName: strings.Repeat("a", 54)}, "ReleaseName", "at most 53 characters"},
		{render.Options{KubeVersion: "latest"}, "KubeVersion", `kube version "latest": `},
		{render.Options{KubeVersion: "1.20"}, "KubeVersion", `incompatible with Kubernetes v1.20`},
		{render.Options{APIVersions: []string{"v1", "networking istio"}}, "APIVersions", `API version "networking istio": no API has such a version: write one such as v1`},
	} {
		_, err := chart.Render(nil, tc.options)
		var option *render.OptionError
		if !errors.As(err, &option) || option.Option != tc.option || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: %v, want %s", tc.options, err, tc.want)
		}
		if _, err := chart.Findings(nil, tc.options); !errors.As(err, &option) {
			t.Errorf("%+v: findings: %v", tc.options, err)
		}
	}
	good := render.Options{
		ReleaseName: "egress.team-a", Namespace: "team-a", KubeVersion: "v1.33.2",
		APIVersions: []string{"v1", "v1/Pod", "networking.istio.io/v1", "networking.istio.io/v1/ServiceEntry", "example.com/stable"},
	}
	if err := errors.Join(good.Check(), render.Options{}.Check()); err != nil {
		t.Error(err)
	}
}

// A refusal carries the findings that are errors, whatever step refused.
func TestRefusedErrorCarriesFindings(t *testing.T) {
	for values, want := range map[string][]string{
		"exportTo: all\nexternalNameServices: {a: {externalName: API.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}}":                                                                                           {render.FindingType, "external-name-upper-case"},
		"externalNameServices: {a: {externalName: a.example.com, ports: [{name: proxy, port: 3128, appProtocol: http}], tls: {mode: DISABLE}}, b: {externalName: 192.0.2.1, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}}": {"external-name-ip"},
	} {
		parsed, err := render.ParseValues([]byte(values))
		if err != nil {
			t.Fatal(err)
		}
		_, err = loadEmbedded(t).Render(parsed, render.Options{})
		var refused *render.RefusedError
		if !errors.As(err, &refused) {
			t.Fatalf("%s: %v", values, err)
		}
		var ids []string
		for _, f := range refused.Findings {
			ids = append(ids, f.ID)
		}
		if !slices.Equal(ids, want) {
			t.Errorf("%s: findings %v, want %v", values, ids, want)
		}
	}
}

// Work for which nobody waits any more ends, with the context's cause.
func TestContextEndsTheWork(t *testing.T) {
	why := errors.New("nobody waits")
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for name, chart := range map[string]*render.Chart{"embedded": loadEmbedded(t), "another": loadTestChart(t, "objects")} {
		if _, err := chart.RenderContext(ended, map[string]any{}, render.Options{}); !errors.Is(err, why) {
			t.Errorf("%s: render: %v", name, err)
		}
	}
	if _, err := loadEmbedded(t).FindingsContext(ended, map[string]any{}, render.Options{}); !errors.Is(err, why) {
		t.Errorf("findings: %v", err)
	}
	if _, err := loadEmbedded(t).RenderContext(t.Context(), map[string]any{}, render.Options{}); err != nil {
		t.Errorf("a context that lasts: %v", err)
	}
}
