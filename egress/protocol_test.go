package egress_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/istio-egress/istio-egress/egress"
	"github.com/istio-egress/istio-egress/render"
)

// ports are all that the tests below ask about.
var ports = func() []egress.Port {
	var all []egress.Port
	for _, declared := range []struct{ name, appProtocol string }{
		{"http", ""}, {"http-api", ""}, {"http2-api", ""}, {"web", "HTTP2"}, {"web", "TCP-x"}, {"grpc", ""}, {"grpc-web", ""}, {"grpc-web-x", ""}, {"grpc-api", ""},
		{"https", ""}, {"https-api", ""}, {"tls", ""}, {"tcp-x", ""}, {"mongo", ""}, {"mysql-1", ""}, {"redis", ""},
		{"web", "http"}, {"https", "http"}, {"web", "kubernetes.io/h2c"}, {"web", "kubernetes.io/ws"}, {"web", "kubernetes.io/wss"},
		{"web", ""}, {"httpx", ""}, {"tcpdump", ""}, {"x-http", ""}, {"udp-dns", ""},
	} {
		for _, number := range []int{21, 25, 53, 80, 110, 119, 143, 389, 443, 587, 636, 1433, 3306, 5222, 5432, 6379, 6432, 8080, 27017} {
			all = append(all, egress.Port{Name: declared.name, AppProtocol: declared.appProtocol, Number: number})
		}
	}
	return all
}()

// declare has the chart declare a port.
func declare(t *testing.T, port egress.Port, mode string) (egress.Protocol, []string) {
	t.Helper()
	values, err := render.Values{ExternalNameServices: []render.ExternalNameService{{
		ExternalName: "api.example.com",
		Service: render.Service{
			Name: "api", TLS: &render.TLS{Mode: render.TLSMode(mode)},
			Ports: []render.Port{{Name: port.Name, AppProtocol: port.AppProtocol, Port: int32(port.Number)}},
		},
	}}}.Map()
	if err != nil {
		t.Fatal(err)
	}
	model, findings, err := chart(t).Declare(values, render.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, finding := range findings {
		ids = append(ids, finding.ID)
	}
	return model.Services[0].Ports[0].Protocol, ids
}

func chart(t *testing.T) *render.Chart {
	t.Helper()
	loaded, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	return loaded
}

// A port of an object has the protocol that it would have in values.
func TestServiceProtocolIsTheCharts(t *testing.T) {
	for _, port := range ports {
		want, _ := declare(t, port, "DISABLE")
		if got := egress.ServiceProtocol(port.Name, port.AppProtocol, port.Number); got != want {
			t.Errorf("%q %q %d: %s, and the chart says %s", port.Name, port.AppProtocol, port.Number, got, want)
		}
	}
}

// A server of an object starts TLS by itself when the chart says so of values.
func TestStartsTLSIsTheCharts(t *testing.T) {
	for _, port := range ports {
		protocol, ids := declare(t, port, "SIMPLE")
		if got, want := egress.StartsTLS(protocol, port.Number), slices.Contains(ids, "start-tls"); (got != "") != want {
			t.Errorf("%s", fmt.Sprintf("%q %d (%s): %q, and the chart finds %q", port.Name, port.Number, protocol, got, ids))
		}
	}
}
