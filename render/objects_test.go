package render_test

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	discovery "k8s.io/api/discovery/v1"

	"github.com/istio-egress/istio-egress/render"
)

func renderDocument(t *testing.T, content string) *render.Result {
	t.Helper()
	chart, err := render.LoadFS(fstest.MapFS{
		"Chart.yaml":            {Data: []byte("apiVersion: v2\nname: one\nversion: 0.1.0\n")},
		"templates/object.yaml": {Data: []byte(content)},
	})
	if err != nil {
		t.Fatal(err)
	}
	result, err := chart.Render(nil, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestObjectsAreDecodedStrictly(t *testing.T) {
	const head = "metadata: {name: a, namespace: b}\n"
	for name, tc := range map[string]struct{ content, want string }{
		"field of Kubernetes": {"apiVersion: v1\nkind: Service\nspec: {prots: []}\n", `Service b/a: unknown field "spec.prots"`},
		"field of metadata":   {"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nspoc: {}\n", `ServiceEntry b/a: unknown field "spoc"`},
		"field of an Istio spec": {
			"apiVersion: networking.istio.io/v1\nkind: DestinationRule\nspec: {host: h, trafficPolicy: {tls: {mod: SIMPLE}}}\n",
			`unknown field "mod"`,
		},
		"word of an Istio spec": {"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nspec: {resolution: DNZ}\n", "DNZ"},
		"type":                  {"apiVersion: v1\nkind: Service\nspec: {ports: [{port: \"80\"}]}\n", "port"},
		"unknown kind":          {"apiVersion: v1\nkind: Sirvice\n", `no Go type is known for kind "Sirvice" of apiVersion "v1"`},
		"key twice":             {"apiVersion: v1\nkind: Service\nspec:\n  type: ClusterIP\n  type: ExternalName\n", "type"},
		"key twice in Istio's":  {"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nspec:\n  hosts: [a]\n  hosts: [b]\n", "hosts"},
		"key twice, not plain":  {"apiVersion: v1\nkind: Service\nspec:\n  type: ClusterIP\n  type: |\n    ExternalName\n", "type"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := renderDocument(t, head+tc.content).Objects()
			var decode *render.DecodeError
			if !errors.As(err, &decode) || !strings.HasPrefix(err.Error(), "one/templates/object.yaml: ") || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
}

func TestObjectsOfOtherKinds(t *testing.T) {
	objects, err := renderDocument(t, `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: a-ipv4, labels: {kubernetes.io/service-name: a}}
addressType: IPv4
endpoints: [{addresses: [192.0.2.1], conditions: {ready: true}}]
ports: [{name: http, port: 80}]
`).Objects()
	if err != nil {
		t.Fatal(err)
	}
	slice, ok := objects[0].Value.(*discovery.EndpointSlice)
	if !ok || slice.Endpoints[0].Addresses[0] != "192.0.2.1" || *slice.Ports[0].Port != 80 || slice.Kind != "EndpointSlice" {
		t.Errorf("object %#v", objects[0].Value)
	}
}
