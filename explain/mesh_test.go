package explain

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/istio-egress/istio-egress/egress"
)

// Istiod reads the objects for the data planes of the calls alone.
func TestEachDataPlaneIsLoadedForItsCalls(t *testing.T) {
	sidecar := Call{URL: "http://a/"}
	ambient := Call{URL: "http://a/", From: Workload{DataPlane: egress.DataPlaneAmbient}}
	objects := []Object{{Value: &corev1.Service{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: corev1.ServiceSpec{Ports: []corev1.ServicePort{{Port: 80}}}}}}
	ix, o, err := prepare(objects, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		calls             []Call
		sidecars, ambient bool
	}{
		"sidecar": {[]Call{sidecar}, true, false},
		"ambient": {[]Call{ambient}, false, true},
		"both":    {[]Call{sidecar, ambient}, true, true},
	} {
		atOnce, err := load(ix, o, tc.calls...)
		if err != nil {
			t.Fatal(err)
		}
		defer atOnce.Close()
		lazy := newMesh(ix, o)
		defer lazy.Close()
		if lazy.plane != nil || lazy.ambient != nil {
			t.Errorf("%s: loaded before any call", name)
		}
		for _, call := range tc.calls {
			if _, err := lazy.Explain(call); err != nil {
				t.Fatal(err)
			}
		}
		for _, m := range []*Mesh{atOnce, lazy} {
			if (m.plane != nil) != tc.sidecars || (m.ambient != nil) != tc.ambient {
				t.Errorf("%s: sidecars' plane %t, ambient plane %t", name, m.plane != nil, m.ambient != nil)
			}
		}
	}
}
