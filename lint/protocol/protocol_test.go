package protocol_test

import (
	"fmt"
	"strings"
	"testing"

	networking "istio.io/client-go/pkg/apis/networking/v1"

	"github.com/istio-egress/istio-egress/lint/protocol"
	"github.com/istio-egress/istio-egress/render"
)

// The package reads a port's protocol as the chart does.
func TestOfIsTheCharts(t *testing.T) {
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, declared := range []struct{ name, appProtocol string }{
		{"http", ""}, {"http-api", ""}, {"http2-api", ""}, {"grpc", ""}, {"grpc-web", ""}, {"grpc-web-x", ""}, {"grpc-api", ""},
		{"https", ""}, {"https-api", ""}, {"tls", ""}, {"tcp-x", ""}, {"mongo", ""}, {"mysql-1", ""}, {"redis", ""},
		{"web", "http"}, {"https", "http"}, {"web", "kubernetes.io/h2c"}, {"web", "kubernetes.io/ws"}, {"web", "kubernetes.io/wss"},
		{"web", ""}, {"httpx", ""}, {"tcpdump", ""}, {"x-http", ""},
	} {
		port := map[string]any{"name": declared.name, "port": 8080.0}
		if declared.appProtocol != "" {
			port["appProtocol"] = declared.appProtocol
		}
		result, err := chart.Render(map[string]any{"externalNameServices": []any{map[string]any{
			"name": "api", "externalName": "api.example.com", "addresses": []any{"192.0.2.1"},
			"ports": []any{port}, "tls": map[string]any{"mode": "DISABLE"},
		}}}, render.Options{})
		want := ""
		if err == nil {
			want = entryProtocol(t, result)
		} else if !strings.Contains(err.Error(), "protocol-unknown") {
			t.Fatalf("%+v: %v", declared, err)
		}
		if got := protocol.Of(declared.name, declared.appProtocol); got != want {
			t.Errorf("%+v: %q, and the chart says %q", declared, got, want)
		}
	}
}

func entryProtocol(t *testing.T, result *render.Result) string {
	t.Helper()
	objects, err := result.Objects()
	if err != nil {
		t.Fatal(err)
	}
	for _, object := range objects {
		if entry, ok := object.Value.(*networking.ServiceEntry); ok {
			return strings.ToLower(entry.Spec.Ports[0].Protocol)
		}
	}
	t.Fatal(fmt.Sprint("no ServiceEntry in ", string(result.Manifest())))
	return ""
}
