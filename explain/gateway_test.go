package explain_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/explain"
)

func allowFrom(t *testing.T) []explain.Object {
	t.Helper()
	text, err := os.ReadFile("../examples/gateway-allow-from/values.yaml")
	if err != nil {
		t.Fatal(err)
	}
	declared, err := declare(string(text))
	if err != nil {
		t.Fatal(err)
	}
	return declared.Objects
}

const payments = "http://payments.shop/"

// Who may call is what the gateway's own rules say, by namespace and by service account.
func TestTheGatewayLetsIn(t *testing.T) {
	objects := allowFrom(t)
	for _, tc := range []struct {
		from    explain.Workload
		url     string
		verdict explain.Verdict
	}{
		{explain.Workload{Namespace: "shop"}, payments, explain.SentMutual},
		{explain.Workload{Namespace: "shop", ServiceAccount: "any"}, payments, explain.SentMutual},
		{explain.Workload{Namespace: "billing", ServiceAccount: "invoices"}, payments, explain.SentMutual},
		{explain.Workload{Namespace: "billing"}, payments, explain.Denied},
		{explain.Workload{Namespace: "billing", ServiceAccount: "other"}, payments, explain.Denied},
		{explain.Workload{Namespace: "not-shop"}, payments, explain.Denied},
		{explain.Workload{Namespace: "shop", ServiceAccount: "ledger"}, "tcp://ledger-db.shop:6380", explain.SentTLS},
		{explain.Workload{Namespace: "shop"}, "tcp://ledger-db.shop:6380", explain.Denied},
	} {
		trace := follow(t, objects, explain.Call{From: tc.from, URL: tc.url})
		if trace.Verdict != tc.verdict || trace.Through != "istio-system/istio-egressgateway" {
			t.Errorf("%s as %s: %s", trace, tc.from.ServiceAccount, trace.Verdict)
		}
		if denied := tc.verdict == explain.Denied; denied != (len(trace.Upstream) == 0) || denied != (trace.TLS == nil) {
			t.Errorf("%s: upstream %v, TLS %v", trace, trace.Upstream, trace.TLS)
		}
		if i := stageOf(trace, explain.StageAccess); i < 0 || !strings.HasSuffix(trace.Steps[i].By[0].Place.Path, ".allowFrom") {
			t.Errorf("%s: no step names allowFrom: %v", trace, trace.Steps)
		}
	}
}

func stageOf(trace *explain.Trace, stage explain.Stage) int {
	for i, step := range trace.Steps {
		if step.Stage == stage {
			return i
		}
	}
	return -1
}

// The policy is the one object whose absence lets somebody in; without any other that a step names, nothing gets to the server.
func TestTheGatewayFailsClosed(t *testing.T) {
	objects := allowFrom(t)
	outsider := explain.Call{From: explain.Workload{Namespace: "billing"}, URL: payments}
	insider := explain.Call{From: explain.Workload{Namespace: "shop"}, URL: payments}
	for _, by := range references(follow(t, objects, insider)) {
		left := without(objects, by)
		if got := follow(t, left, outsider); reachesPayments(got) != (by.Kind == "AuthorizationPolicy") {
			t.Errorf("without %s: %s", by, got)
		}
		if got := follow(t, left, insider); reachesPayments(got) != (by.Kind == "AuthorizationPolicy") {
			t.Errorf("without %s: %s", by, got)
		}
	}
}

func reachesPayments(trace *explain.Trace) bool {
	return slices.Contains(trace.Upstream, "payments.example.com:443")
}

// byHand is what Istio's own task tells to write: the requests get to the gateway in plaintext.
const byHand = `
apiVersion: v1
kind: Service
metadata: {name: istio-egressgateway, namespace: istio-system}
spec: {clusterIP: 10.96.200.2, selector: {istio: egressgateway}, ports: [{name: http2, port: 80, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: egw-1, namespace: istio-system, labels: {kubernetes.io/service-name: istio-egressgateway}}
addressType: IPv4
endpoints: [{addresses: [10.244.9.1], conditions: {ready: true}}]
ports: [{name: http2, port: 8080}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: cnn}
spec: {hosts: [cnn.example], ports: [{number: 80, name: http, protocol: HTTP, targetPort: 443}], resolution: DNS}
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: egress}
spec: {selector: {istio: egressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [cnn.example]}]}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: gateway}
spec: {host: istio-egressgateway.istio-system.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cnn}
spec: {host: cnn.example, trafficPolicy: {tls: {mode: SIMPLE, sni: cnn.example, subjectAltNames: [cnn.example]}}}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cnn}
spec:
  hosts: [cnn.example]
  gateways: [egress, mesh]
  http:
  - match: [{gateways: [mesh], port: 80}]
    route: [{destination: {host: istio-egressgateway.istio-system.svc.cluster.local, port: {number: 80}}}]
  - match: [{gateways: [egress], port: 80}]
    route: [{destination: {host: cnn.example, port: {number: 80}}}]
`

func TestTheRecipeOfTheTask(t *testing.T) {
	read, err := explain.ReadManifests([]string{"-"}, strings.NewReader(byHand), "default")
	if err != nil {
		t.Fatal(err)
	}
	trace := follow(t, read.Objects, explain.Call{URL: "http://cnn.example/"})
	if trace.Verdict != explain.SentTLS || trace.Upstream[0] != "cnn.example:443" || trace.Through != "istio-system/istio-egressgateway" {
		t.Errorf("%s: %v", trace, trace.Steps)
	}
	if len(trace.Warnings) != 1 || trace.Warnings[0].ID != "manifest-gateway-plaintext" {
		t.Errorf("%v", trace.Warnings)
	}
}

// filterOf is an EnvoyFilter that adds a filter.
const filterOf = `---
apiVersion: networking.istio.io/v1alpha3
kind: EnvoyFilter
metadata: {name: lua, namespace: %s}
spec:
  %s
  configPatches:
  - applyTo: HTTP_FILTER
    match: {context: %s, listener: {filterChain: {filter: {name: envoy.filters.network.http_connection_manager}}}}
    patch:
      operation: INSERT_BEFORE
      value: {name: lua, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua, inlineCode: "function envoy_on_request(h) end"}}
`

// What filters of the gateway do is not followed either, and told.
func TestFiltersOfTheGatewayAreNamed(t *testing.T) {
	const http, gateway, ofSidecar, ofGateway = "http://cnn.example/", "istio-system", "what filters do", "what filters of the gateway do"
	const selector, target = "workloadSelector: {labels: {istio: egressgateway}}", "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: egress}]"
	byGatewayAPI := strings.NewReplacer("istio: egressgateway", "gateway.networking.k8s.io/gateway-name: egress",
		"name: http, protocol: HTTP", "name: tcp, protocol: TCP", "name: http2", "name: tcp", "  http:", "  tcp:").Replace(byHand)
	for name, tc := range map[string]struct {
		objects, url, namespace, scope, context string
		told                                    []string
	}{
		"its own":              {byHand, http, gateway, selector, "GATEWAY", []string{ofGateway}},
		"of another gateway":   {byHand, http, gateway, "workloadSelector: {labels: {istio: other}}", "GATEWAY", nil},
		"of another namespace": {byHand, http, "shop", selector, "GATEWAY", nil},
		"for sidecars":         {byHand, http, gateway, selector, "SIDECAR_OUTBOUND", nil},
		"for all":              {byHand, http, gateway, "", "ANY", []string{ofGateway, ofSidecar}},
		"by its Gateway":       {byGatewayAPI, "tcp://cnn.example:80", gateway, target, "GATEWAY", []string{ofGateway}},
		"by another Gateway":   {byHand, http, gateway, target, "GATEWAY", nil},
	} {
		t.Run(name, func(t *testing.T) {
			text := tc.objects + fmt.Sprintf(filterOf, tc.namespace, tc.scope, tc.context)
			read, err := explain.ReadManifests([]string{"-"}, strings.NewReader(text), "default")
			if err != nil {
				t.Fatal(err)
			}
			trace := follow(t, read.Objects, explain.Call{URL: tc.url})
			var told []string
			for _, step := range trace.Steps {
				if step.Stage == explain.StageUnfollowed {
					what, _, _ := strings.Cut(step.Text, " with the call")
					told = append(told, what)
				}
			}
			if !slices.Equal(told, tc.told) || trace.Verdict != explain.SentTLS {
				t.Errorf("told %q, want %q: %s", told, tc.told, trace)
			}
		})
	}
}

// entryOfGateway is a host whose calls an entry sends to the gateway's Service, by its name.
const entryOfGateway = `
apiVersion: v1
kind: Service
metadata: {name: egw, namespace: istio-system}
spec: {clusterIP: 10.96.200.2, selector: {istio: egressgateway}, ports: [{%s port: 80, targetPort: 8080}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: egw-1, namespace: istio-system, labels: {kubernetes.io/service-name: egw}}
addressType: IPv4
endpoints: %s
ports: %s
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: hop}
spec:
  hosts: [cnn.example]
  ports: [{number: 80, name: http, protocol: HTTP}]
  resolution: DNS
  endpoints: [{address: egw.istio-system.svc.cluster.local, ports: {http: 80}}]
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: egress}
spec: {selector: {istio: egressgateway}, servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: [cnn.example]}]}
`

// An entry leads to the pods of a gateway as its Service does: to one that is ready, by the port of the Service's name.
func TestAnEntryLeadsToTheGatewaysPods(t *testing.T) {
	for name, tc := range map[string]struct {
		port, endpoints, ports string
		pod                    string // empty for none
	}{
		"ready":                 {"name: http2,", `[{addresses: [10.244.9.1], conditions: {ready: true}}]`, "[{name: http2, port: 8080}]", "10.244.9.1:8080"},
		"the first not ready":   {"name: http2,", `[{addresses: [10.244.9.1], conditions: {ready: false}}, {addresses: [10.244.9.2]}]`, "[{name: http2, port: 8080}]", "10.244.9.2:8080"},
		"none ready":            {"name: http2,", `[{addresses: [10.244.9.1], conditions: {ready: false}}]`, "[{name: http2, port: 8080}]", ""},
		"a port without a name": {"", `[{addresses: [10.244.9.1]}]`, "[{port: 8080}]", "10.244.9.1:8080"},
		"a port of another":     {"name: http2,", `[{addresses: [10.244.9.1]}]`, "[{name: status, port: 15021}]", ""},
		"without addresses":     {"name: http2,", `[{addresses: []}, {addresses: [10.244.9.2]}]`, "[{name: http2, port: 8080}]", "10.244.9.2:8080"},
	} {
		t.Run(name, func(t *testing.T) {
			text := fmt.Sprintf(entryOfGateway, tc.port, tc.endpoints, tc.ports)
			read, err := explain.ReadManifests([]string{"-"}, strings.NewReader(text), "default")
			if err != nil {
				t.Fatal(err)
			}
			trace := follow(t, read.Objects, explain.Call{URL: "http://cnn.example/"})
			pod := ""
			if i := stageOf(trace, explain.StageGateway); i >= 0 {
				pod = trace.Steps[i].Detail
			}
			if pod != tc.pod || (trace.Through != "") != (tc.pod != "") {
				t.Errorf("by the pod %q, want %q: %s", pod, tc.pod, trace)
			}
		})
	}
}
