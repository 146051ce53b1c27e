package render_test

import (
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
