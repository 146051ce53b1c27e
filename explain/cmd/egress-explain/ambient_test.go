package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/golden"
)

// Why an ambient pod's call is plaintext: the Service leads to its endpoints, and no waypoint takes its calls.
func TestWaypoints(t *testing.T) {
	for name, verdict := range map[string]string{
		"bound": "SENT_TLS", "missing": "SENT_PLAINTEXT", "for-workloads": "SENT_PLAINTEXT", "not-allowed": "SENT_PLAINTEXT",
		"never-ready": "SENT_PLAINTEXT", "other-class": "FAILED",
	} {
		t.Run(name, func(t *testing.T) {
			args := []string{"--with", filepath.Join("testdata", "ambient", name+".yaml"), "--from", "shop", "--data-plane", "ambient", "http://erp/"}
			golden.Equal(t, filepath.Join("testdata", "ambient", name+".txt"), answer(t, args...))
			if got := answer(t, append(args, "-o", "json")...); !strings.Contains(got, `"verdict": "`+verdict+`"`) || !strings.Contains(got, `"dataPlane": "ambient"`) {
				t.Errorf("want %s, got %s", verdict, got)
			}
		})
	}
}

// The values say how callers are in the mesh, and the flag says otherwise.
func TestDataPlaneOfValues(t *testing.T) {
	ambient, both := filepath.Join(examples, "ambient", "values.yaml"), filepath.Join(examples, "ambient-both", "values.yaml")
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"-f", ambient, "http://my-httpbin"}, "in ambient mode leaves in TLS to httpbin.org:443, through the waypoint istio-egress/egress"},
		{[]string{"-f", ambient, "--data-plane", "sidecar", "http://my-httpbin"}, "from default reaches NOTHING"},
		{[]string{"-f", ambient, "--no-sidecar", "http://my-httpbin"}, "from default without a sidecar reaches NOTHING"},
		{[]string{"-f", ambient, "--from", "other", "http://bank.default"}, "is DENIED by the waypoint istio-egress/egress"},
		{[]string{"-f", both, "--from", "team-a", "http://my-httpbin"}, "from team-a leaves in TLS to httpbin.org:443\n"},
		{[]string{"-f", both, "--from", "team-a", "--data-plane", "ambient", "http://my-httpbin"}, "through the waypoint team-a/waypoint\n"},
		{[]string{"-f", both, "--all"}, "SENT_TLS        tcp://ledger:7000 from team-a in ambient mode leaves in TLS"},
		{[]string{"-f", both, "--all", "-o", "expectations"}, "{from: team-a, to: tcp://ledger:7000, dataPlane: ambient, expect: {verdict: SENT_TLS,"},
	} {
		if got := answer(t, tc.args...); !strings.Contains(got, tc.want) {
			t.Errorf("%q: want %q, got %s", tc.args, tc.want, got)
		}
	}
}

// Ports of EndpointSlices without a protocol, and without a name, are TCP and nameless once the API server has them: ztunnel leads
// ambient pods there.
func TestAmbientPodsReachSlicesAsTheAPIServerKeepsThem(t *testing.T) {
	values := write(t, `
endpointServices:
  - {name: ledger, addresses: [192.0.2.7, "2001:db8::7"], ports: [{name: tcp, port: 1521}], tls: {mode: DISABLE}}
  - {name: old, addresses: [192.0.2.7], ports: [{name: tcp, port: 1521}], tls: {mode: DISABLE}, endpointsKind: Endpoints}
`)
	nameless := write(t, `
apiVersion: v1
kind: Service
metadata: {name: ledger}
spec: {ports: [{port: 1521}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ledger-1, labels: {kubernetes.io/service-name: ledger}}
addressType: IPv4
ports: [{port: 1521}]
endpoints: [{addresses: [192.0.2.7]}]
`)
	for _, args := range [][]string{
		{"-f", values, "tcp://ledger:1521"},
		{"-f", values, "tcp://old:1521"},
		{"--with", nameless, "tcp://ledger:1521"},
	} {
		if got := answer(t, append(args, "--data-plane", "ambient")...); !strings.Contains(got, "in ambient mode leaves in PLAINTEXT to 192.0.2.7:1521") {
			t.Errorf("%q: %s", args, got)
		}
	}
}
