//go:build e2e

// Package gateway checks with istiod's own code what becomes of calls through an egress gateway: at the caller's sidecar, and
// at the gateway.
package gateway

import (
	"flag"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

var folder = flag.String("chart", "", "folder of a chart to look at, in place of the embedded one: ci/gateway-mutations breaks copies")

func loadChart() (*render.Chart, error) {
	if *folder != "" {
		return render.LoadDir(*folder)
	}
	return render.Load()
}

// rendered is what the chart makes of the values, as the API server would store it.
func rendered(t *testing.T, values, release string) mesh.Objects {
	t.Helper()
	chart, err := loadChart()
	require.NoError(t, err)
	parsed, err := render.ParseValues([]byte(values))
	require.NoError(t, err)
	result, err := chart.Render(parsed, render.Options{ReleaseName: release, Namespace: "default"})
	require.NoError(t, err)
	objects, err := mesh.Split(string(result.Manifest()))
	require.NoError(t, err)
	return objects
}

// loaded is a mesh with the objects and the gateway.
func loaded(t *testing.T, registryOnly bool, objects ...string) *mesh.Mesh {
	t.Helper()
	all, err := mesh.Split(objects...)
	require.NoError(t, err)
	all, err = all.WithClusterIPs()
	require.NoError(t, err)
	return mesh.New(t, mesh.Options{Objects: []string{all.String(), mesh.GatewayObjects}, RegistryOnly: registryOnly})
}

// values are the cells of the matrix: every kind, protocol and TLS mode.
const values = `
egressGateway: {name: istio-egressgateway, namespace: istio-system, selector: {istio: egressgateway}, default: gateway}
externalNameServices:
- {name: http-simple, externalName: a.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
- {name: http-plain, externalName: b.example.com, ports: [{name: http, port: 8080}], tls: {mode: DISABLE}}
- {name: http-secret, externalName: c.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: MUTUAL, credentialName: client}}
- name: http-files
  externalName: d.example.com
  ports: [{name: http, port: 80, targetPort: 443}]
  tls: {mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem, caCertificates: /ca.pem}
- {name: http2, externalName: e.example.com, ports: [{name: http2, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
- {name: grpc, externalName: f.example.com, ports: [{name: grpc, port: 9090, targetPort: 443}], tls: {mode: SIMPLE}}
- {name: https, externalName: g.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
- {name: tls, externalName: h.example.com, ports: [{name: tls, port: 8443}], tls: {mode: DISABLE}}
- {name: tcp, externalName: i.example.com, ports: [{name: tcp, port: 5432}], tls: {mode: DISABLE}}
- {name: tcp-simple, externalName: j.example.com, ports: [{name: tcp, port: 5432, targetPort: 5433}], tls: {mode: SIMPLE}}
- {name: tcp-secret, externalName: k.example.com, ports: [{name: tcp, port: 6380}], tls: {mode: MUTUAL, credentialName: client}}
- name: tcp-files
  externalName: v.example.com
  ports: [{name: tcp, port: 6380}]
  tls: {mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem, caCertificates: /ca.pem}
- {name: kept-host, externalName: l.example.com, rewriteHost: false, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
- {name: another-name, externalName: m.example.com, serverName: www.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
- name: three
  externalName: n.example.com
  ports: [{name: http, port: 80, targetPort: 443}, {name: https, port: 443, tls: {mode: DISABLE}}, {name: tcp, port: 5432, tls: {mode: DISABLE}}]
  tls: {mode: SIMPLE}
endpointServices:
- {name: e-http, addresses: [192.0.2.1], serverName: o.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
- {name: e-plain, addresses: [192.0.2.2], ports: [{name: http, port: 80}], tls: {mode: DISABLE}}
- {name: e-tls, addresses: [192.0.2.3], ports: [{name: tls, port: 443}], tls: {mode: DISABLE}}
- {name: e-tcp, addresses: [192.0.2.4], ports: [{name: tcp, port: 5432}], tls: {mode: DISABLE}}
- {name: e-tcp-simple, addresses: [192.0.2.5], serverName: p.example.com, ports: [{name: tcp, port: 6380}], tls: {mode: SIMPLE}}
- {name: e-http-secret, addresses: [192.0.2.6], serverName: q.example.com, ports: [{name: http, port: 80, targetPort: 443}], tls: {mode: MUTUAL, credentialName: client}}
- name: e-grpc-files
  addresses: [192.0.2.7]
  serverName: r.example.com
  ports: [{name: grpc, port: 9090, targetPort: 443}]
  tls: {mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem, caCertificates: /ca.pem}
- {name: e-tcp-secret, addresses: [192.0.2.8], serverName: s.example.com, ports: [{name: tcp, port: 6380}], tls: {mode: MUTUAL, credentialName: client}}
- name: e-tcp-files
  addresses: [192.0.2.9]
  serverName: t.example.com
  ports: [{name: tcp, port: 6380}]
  tls: {mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem, caCertificates: /ca.pem}
- {name: e-http2, addresses: [192.0.2.10], serverName: u.example.com, ports: [{name: http2, port: 80, targetPort: 443}], tls: {mode: SIMPLE}}
- {name: e-https, addresses: [192.0.2.11], ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
`

// layouts are the two ways in which sidecars know the gateway: by a rule of its namespace, and by its identity.
var layouts = map[string]string{
	"a rule of the gateway's namespace": values,
	"the gateway's identity":            strings.Replace(values, "default: gateway}", "default: gateway, identity: "+mesh.GatewayIdentity+"}", 1),
}

// cell is a call of the matrix, and what leaves the gateway for it.
type cell struct{ url, upstream, tls, host string }

func verified(name string) string { return "tls sni=" + name + " names=" + name + " ca=system" }

func bySecret(name string) string {
	return "tls sni=" + name + " names=" + name + " ca=kubernetes://client-cacert certificate=kubernetes://client"
}

func byFiles(name string) string {
	return "tls sni=" + name + " names=" + name + " ca=/ca.pem certificate=/c.pem~/k.pem"
}

var cells = []cell{
	{"http://http-simple", "a.example.com:443", verified("a.example.com"), "a.example.com"},
	{"h2c://http-simple:80", "a.example.com:443", verified("a.example.com"), "a.example.com"},
	{"http://http-simple.default.svc.cluster.local", "a.example.com:443", verified("a.example.com"), "a.example.com"},
	{"http://http-plain:8080", "b.example.com:8080", "plaintext", "http-plain.default.svc.cluster.local"},
	{"http://http-secret", "c.example.com:443", bySecret("c.example.com"), "c.example.com"},
	{"http://http-files", "d.example.com:443", byFiles("d.example.com"), "d.example.com"},
	{"h2c://http2:80", "e.example.com:443", verified("e.example.com"), "e.example.com"},
	{"h2c://grpc:9090", "f.example.com:443", verified("f.example.com"), "f.example.com"},
	{"tls://https:443", "g.example.com:443", "plaintext", ""},
	{"https://https", "g.example.com:443", "plaintext", ""},
	{"tls://tls:8443", "h.example.com:8443", "plaintext", ""},
	{"tcp://tcp:5432", "i.example.com:5432", "plaintext", ""},
	{"tcp://tcp-simple:5432", "j.example.com:5433", verified("j.example.com"), ""},
	{"tcp://tcp-secret:6380", "k.example.com:6380", bySecret("k.example.com"), ""},
	{"tcp://tcp-files:6380", "v.example.com:6380", byFiles("v.example.com"), ""},
	{"http://kept-host", "l.example.com:443", verified("l.example.com"), "kept-host.default.svc.cluster.local"},
	{"http://another-name", "m.example.com:443", verified("www.example.com"), "www.example.com"},
	{"http://three", "n.example.com:443", verified("n.example.com"), "n.example.com"},
	{"tls://three:443", "n.example.com:443", "plaintext", ""},
	{"tcp://three:5432", "n.example.com:5432", "plaintext", ""},
	{"http://e-http", "192.0.2.1:443", verified("o.example.com"), "o.example.com"},
	{"http://e-plain", "192.0.2.2:80", "plaintext", "e-plain.default.svc.cluster.local"},
	{"tls://e-tls:443", "192.0.2.3:443", "plaintext", ""},
	{"tcp://e-tcp:5432", "192.0.2.4:5432", "plaintext", ""},
	{"tcp://e-tcp-simple:6380", "192.0.2.5:6380", verified("p.example.com"), ""},
	{"http://e-http-secret", "192.0.2.6:443", bySecret("q.example.com"), "q.example.com"},
	{"h2c://e-grpc-files:9090", "192.0.2.7:443", byFiles("r.example.com"), "r.example.com"},
	{"tcp://e-tcp-secret:6380", "192.0.2.8:6380", bySecret("s.example.com"), ""},
	{"tcp://e-tcp-files:6380", "192.0.2.9:6380", byFiles("t.example.com"), ""},
	{"h2c://e-http2:80", "192.0.2.10:443", verified("u.example.com"), "u.example.com"},
	{"tls://e-https:443", "192.0.2.11:443", "plaintext", ""},
}

// from writes the name in a cell's URL as other namespaces call it.
func (c cell) from(namespace string) string {
	scheme, rest, _ := strings.Cut(c.url, "://")
	name, port, _ := strings.Cut(rest, ":")
	if port != "" {
		port = ":" + port
	}
	if namespace == "default" || strings.Contains(name, ".") {
		return c.url
	}
	return scheme + "://" + name + ".default" + port
}

func (c cell) reaches(outcome mesh.Outcome) bool {
	return slices.Contains(outcome.Upstreams, c.upstream)
}
