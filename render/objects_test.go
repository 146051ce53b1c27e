package render_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	istionetworking "istio.io/client-go/pkg/apis/networking/v1"
	discovery "k8s.io/api/discovery/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/istio-egress/istio-egress/render"
)

func renderDocument(t *testing.T, content string) *render.Result {
	t.Helper()
	chart, err := render.LoadFS(fstest.MapFS{
		"Chart.yaml":            {Data: []byte("apiVersion: v2\nname: decoded\nversion: 0.1.0\n")},
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
		"field beside a duration": {
			"apiVersion: networking.istio.io/v1\nkind: DestinationRule\nspec: {host: h, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 1m, max: 1}}}}\n",
			`unknown field "max"`,
		},
		"field twice beside a duration": {
			"apiVersion: networking.istio.io/v1\nkind: DestinationRule\nspec:\n  host: h\n  host: i\n  trafficPolicy: {connectionPool: {tcp: {connectTimeout: 1m}}}\n",
			"host",
		},
		"word of an Istio spec": {"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nspec: {resolution: DNZ}\n", "DNZ"},
		"type":                  {"apiVersion: v1\nkind: Service\nspec: {ports: [{port: \"80\"}]}\n", "port"},
		"no kind":               {"apiVersion: v1\n", `no Go type is known for kind "" of apiVersion "v1"`},
		"key twice":             {"apiVersion: v1\nkind: Service\nspec:\n  type: ClusterIP\n  type: ExternalName\n", "type"},
		"key twice in Istio's":  {"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nspec:\n  hosts: [a]\n  hosts: [b]\n", "hosts"},
		"key twice, as a block": {"apiVersion: v1\nkind: Service\nspec:\n  type: ClusterIP\n  type: |\n    ExternalName\n", "type"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := renderDocument(t, head+tc.content).Objects()
			var decode *render.DecodeError
			if !errors.As(err, &decode) || !strings.HasPrefix(err.Error(), "decoded/templates/object.yaml: ") || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %s", err, tc.want)
			}
		})
	}
}

// What has no Go type here keeps nobody from getting the rest, and is there as clients for all kinds take it.
func TestObjectsOfUnknownKinds(t *testing.T) {
	const gateway = "apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: a, namespace: b}\nspec: {listeners: [{port: 80, weight: 0.5}]}\n"
	result := renderDocument(t, "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n"+gateway)
	objects, err := result.Objects()
	if err != nil || len(objects) != 2 {
		t.Fatalf("%d objects, %v", len(objects), err)
	}
	for _, object := range objects {
		typed, isTyped := object.Value.(*unstructured.Unstructured)
		if isTyped != (object.Document.Kind == "Gateway") {
			t.Errorf("%s is a %T", object.Document.ID(), object.Value)
		}
		loose, err := object.Document.Unstructured()
		if err != nil || loose.GetName() != "a" || loose.GetKind() != object.Document.Kind {
			t.Errorf("%s unstructured: %v, %v", object.Document.ID(), loose, err)
		}
		if !isTyped {
			continue
		}
		listeners, _, err := unstructured.NestedSlice(typed.Object, "spec", "listeners")
		if err != nil || !reflect.DeepEqual(listeners, []any{map[string]any{"port": int64(80), "weight": 0.5}}) {
			t.Errorf("listeners %v, %v", listeners, err)
		}
	}
}

// What the API server would refuse is refused without a Go type too.
func TestUnstructuredIsStrict(t *testing.T) {
	for content, want := range map[string]string{
		"apiVersion: v1\nkind: Service\nkind: Pod\n": "kind",
		"apiVersion: v1\n":                           "no kind",
	} {
		_, err := renderDocument(t, content).Documents()[0].Unstructured()
		var decode *render.DecodeError
		if !errors.As(err, &decode) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", content, err)
		}
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

const rule = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: a, namespace: b}
spec: {host: h, trafficPolicy: {connectionPool: {tcp: {connectTimeout: %s}}}}
`

func TestDurations(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1m": time.Minute, "1h30m": 90 * time.Minute, "0.5s": time.Second / 2, "100ms": 100 * time.Millisecond,
		`"1.5h"`: 90 * time.Minute, "300s": 5 * time.Minute, "1.5m": 90 * time.Second, `"0"`: 0, "-1m": -time.Minute,
	} {
		objects, err := renderDocument(t, fmt.Sprintf(rule, text)).Objects()
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		got := objects[0].Value.(*istionetworking.DestinationRule).Spec.TrafficPolicy.ConnectionPool.Tcp.ConnectTimeout.AsDuration()
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	for _, text := range []string{"5x", `"5"`, "1d", `""`, "1m 30s", "m"} {
		_, err := renderDocument(t, fmt.Sprintf(rule, text)).Objects()
		want := fmt.Sprintf(": spec: trafficPolicy: connectionPool: tcp: connectTimeout: %q is no duration: write one such as 5s, 1m30s or 100ms", strings.Trim(text, `"`))
		if err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestObjectsOfOlderVersions(t *testing.T) {
	for _, version := range []string{"networking.istio.io/v1alpha3", "networking.istio.io/v1beta1"} {
		objects, err := renderDocument(t, strings.Replace(fmt.Sprintf(rule, "1s"), "networking.istio.io/v1", version, 1)).Objects()
		if err != nil {
			t.Fatal(err)
		}
		if object, ok := objects[0].Value.(*istionetworking.DestinationRule); !ok || object.APIVersion != version {
			t.Errorf("%s: %#v", version, objects[0].Value)
		}
	}
}
