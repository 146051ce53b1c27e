package lint_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

// What users reported: values that 0.1 accepted without a word, and that sent plaintext, took the calls of others, or did not
// work. Each is said to be wrong now, or right by the form that it has.
func TestReportedValues(t *testing.T) {
	const (
		otherNamespace = `
externalNameServices:
  - {name: a, externalName: api.example.com, FORM exportTo: [".", team-b], ports: [{name: http, port: 80, targetPort: 443}, {name: http-2, port: 8080, targetPort: 443}], tls: {mode: SIMPLE}}
  - {name: b, namespace: team-b, externalName: api.example.com, exportTo: ["."], ports: [{name: http, port: 80}], tls: {mode: DISABLE}}
`
		twoLabels = `
externalNameServices:
  - {name: a, externalName: payments.dev, FORM ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
`
		serverName = `
externalNameServices:
  - {name: shop, externalName: lb-7.hosting.example.net, FORM serverName: shop.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
`
		inDev = `  - {name: orders, namespace: dev, externalName: orders.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}}
`
		policy = `
externalNameServices:
  - {name: a, externalName: api.example.com, ports: [{name: http2, port: 80, targetPort: 443}], tls: {mode: SIMPLE}, trafficPolicy: POLICY}
`
		aliases = `
externalNameServices:
  - {name: real, externalName: httpbin.org, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
  - {name: other, externalName: real.default.svc.cluster.local, ports: [{name: http, port: 80}]}
`
	)
	closed := func(values string) string { return strings.ReplaceAll(values, "FORM ", "") }
	open := func(values string) string { return strings.ReplaceAll(values, "FORM", "serviceType: ExternalName,") }
	with := func(said string) string { return strings.ReplaceAll(policy, "POLICY", said) }
	for _, c := range []struct {
		name, values string
		want         []string
	}{
		{"a host of another namespace, closed", closed(otherNamespace), nil},
		{"a host of another namespace, open", open(otherNamespace), []string{"fails-open", "host-declared-otherwise"}},
		{"a host of two labels, closed", closed(twoLabels), nil},
		{"a host of two labels, open", open(twoLabels), []string{"external-name-two-labels", "fails-open"}},
		{"a host of two labels that is a service, closed", closed(twoLabels) + inDev, nil},
		{"a host of two labels that is a service, open", open(twoLabels) + inDev, []string{"external-name-is-service", "fails-open"}},
		{"a header of two lines", with(`{loadBalancer: {consistentHash: {httpHeaderName: "a\nb"}}}`), []string{"schema-pattern"}},
		{"TLS to another name than the host's, closed", closed(serverName), nil},
		{"TLS to another name than the host's, open", open(serverName), []string{"sni-not-external-name"}},
		{"a slow start of Istio 1.31", with(`{loadBalancer: {simple: ROUND_ROBIN, warmup: {duration: 30s, aggression: 0.5}}}`), []string{"newer-istio"}},
		{"probes of Istio 1.31", with(`{connectionPool: {http: {http2KeepAlive: {interval: 30s, timeout: 5s}}}}`), []string{"newer-istio"}},
		{"a wide wildcard beside what is no host", `externalHosts: [{name: a, hosts: ["x_y.example.com", "*.co.uk"], ports: [{name: https, port: 443}], tls: {mode: DISABLE}}]`, []string{"host-invalid", "wildcard-public-suffix"}},
		{"an alias of an alias", aliases, []string{"alias-of-alias"}},
	} {
		if got := foundIn(t, c.values); !slices.Equal(got, c.want) {
			t.Errorf("%s: found %v, want %v", c.name, got, c.want)
		}
	}
}

// foundIn are the ids of what is found in the values, each once.
func foundIn(t *testing.T, values string) []string {
	t.Helper()
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	findings, err := lint.Releases(chart, []lint.Release{{Values: render.ValuesOptions{
		Files: []string{"-"}, Stdin: strings.NewReader(values),
	}}}, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, finding := range findings {
		ids = append(ids, finding.ID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
