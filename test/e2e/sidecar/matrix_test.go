//go:build e2e

package sidecar

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

// form is how all entries of a matrix are made.
type form struct{ serviceType, endpointsKind string }

var forms = []form{{"ExternalName", "EndpointSlice"}, {"ExternalName", "Endpoints"}, {"ClusterIP", "ServiceEntry"}}

func (f form) closed() bool { return f.serviceType == "ClusterIP" }

// TestMatrix puts every combination of protocol, TLS mode and rewriteHost into
// one set of values, as two aliases of a host and as a service with addresses,
// and calls each of them from three namespaces, for every combination of
// exportTo, form, the mesh's policy and a mesh-wide rule.
func TestMatrix(t *testing.T) {
	for _, exportTo := range [][]string{nil, {"."}, {"partner"}, {".", "partner"}} {
		for _, form := range forms {
			entries := entries(form)
			objects := rendered(t, values(t, entries, exportTo, form))
			for _, surroundings := range []struct {
				registryOnly bool
				wide         string
			}{
				{false, "no mesh-wide rule"}, {true, "no mesh-wide rule"},
				{false, "mutual TLS for everything"}, {true, "mutual TLS for the cluster"},
			} {
				name := fmt.Sprintf("exportTo %v/%s/registryOnly %v/%s", exportTo, form.endpointsKind, surroundings.registryOnly, surroundings.wide)
				t.Run(name, func(t *testing.T) {
					m := mesh.New(t, mesh.Options{
						Objects:      []string{asStored(t, objects, form.endpointsKind), meshWide[surroundings.wide]},
						RegistryOnly: surroundings.registryOnly,
					})
					for _, namespace := range []string{"default", "partner", "stranger"} {
						sidecar := m.Sidecar(mesh.Workload{Namespace: namespace})
						assert.Empty(t, sidecar.Rejected(), "listeners that Envoy rejects")
						visible := visible(exportTo, namespace)
						for _, entry := range entries {
							entry.check(t, sidecar, namespace, visible, surroundings.registryOnly)
						}
					}
				})
			}
		}
	}
}

// visible says whether something of the namespace default with this exportTo
// can be seen in the namespace.
func visible(exportTo []string, namespace string) bool {
	if exportTo == nil {
		return true
	}
	for _, to := range exportTo {
		if to == namespace || to == "." && namespace == "default" {
			return true
		}
	}
	return false
}

// protocol is how workloads call a port: the scheme of the URL, and the number.
type protocol struct {
	name, scheme string
	port         int
	http, tls    bool
}

var protocols = []protocol{
	{name: "http", scheme: "http", port: 80, http: true},
	{name: "http2", scheme: "h2c", port: 8082, http: true},
	{name: "grpc", scheme: "h2c", port: 9090, http: true},
	{name: "https", scheme: "https", port: 443, tls: true},
	{name: "tls", scheme: "tls", port: 8443, tls: true},
	{name: "tcp", scheme: "tcp", port: 5432},
	{name: "mysql", scheme: "tcp", port: 3306},
}

// entry is one entry of the values with one port.
type entry struct {
	name     string
	protocol protocol
	mode     string
	rewrite  *bool
	// host is the externalName; empty for a service with addresses.
	host    string
	address string
	form    form
	// credential is a Secret with the client certificate, for workloads with the label app: client.
	credential string
}

// entries are all combinations, each as two aliases of a host and a service.
func entries(form form) []entry {
	var all []entry
	for _, protocol := range protocols {
		for _, mode := range []string{"DISABLE", "SIMPLE", "MUTUAL"} {
			if (protocol.tls || protocol.name == "mysql") && mode != "DISABLE" {
				continue // refused: it would be encrypted twice, or not understood
			}
			for _, rewrite := range rewrites(protocol) {
				name := strings.ToLower(protocol.name + "-" + mode + "-" + rewriteName(rewrite))
				host, address := name+".example.com", fmt.Sprintf("198.51.100.%d", len(all)+1)
				all = append(all,
					entry{"first-" + name, protocol, mode, rewrite, host, address, form, ""},
					entry{"second-" + name, protocol, mode, nil, host, address, form, ""},
					entry{"static-" + name, protocol, mode, rewrite, "", address, form, ""},
				)
			}
		}
	}
	return all
}

func rewrites(protocol protocol) []*bool {
	if !protocol.http {
		return []*bool{nil}
	}
	yes, no := true, false
	return []*bool{nil, &yes, &no}
}

func rewriteName(rewrite *bool) string {
	if rewrite == nil {
		return "default"
	}
	return map[bool]string{true: "rewrite", false: "keep"}[*rewrite]
}

// server is the name that the external server answers to.
func (e entry) server() string {
	if e.host != "" {
		return e.host
	}
	return e.name + ".example.net"
}

// targetPort differs from the port where the workload's protocol allows it.
func (e entry) targetPort() int {
	if e.protocol.tls {
		return e.protocol.port
	}
	return e.protocol.port + 10000
}

func values(t *testing.T, entries []entry, exportTo []string, form form) string {
	t.Helper()
	collections := map[string][]any{}
	for _, entry := range entries {
		collection, fields := entry.values()
		collections[collection] = append(collections[collection], fields)
	}
	all := map[string]any{"serviceType": form.serviceType, "endpointsKind": form.endpointsKind}
	if exportTo != nil {
		all["exportTo"] = exportTo
	}
	for name, collection := range collections {
		all[name] = collection
	}
	text, err := yaml.Marshal(all)
	assert.NoError(t, err)
	return string(text)
}

func (e entry) values() (collection string, fields map[string]any) {
	tls := map[string]any{"mode": e.mode}
	if e.mode == "MUTUAL" {
		tls["clientCertificate"], tls["privateKey"] = "/certs/tls.crt", "/certs/tls.key"
	}
	if e.credential != "" {
		tls = map[string]any{"mode": e.mode, "credentialName": e.credential}
	}
	fields = map[string]any{
		"name":  e.name,
		"tls":   tls,
		"ports": []any{map[string]any{"name": e.protocol.name, "port": e.protocol.port, "targetPort": e.targetPort()}},
	}
	if e.rewrite != nil {
		fields["rewriteHost"] = *e.rewrite
	}
	if e.credential != "" {
		fields["workloadSelector"] = map[string]any{"matchLabels": map[string]any{"app": "client"}}
	}
	if e.host == "" {
		fields["addresses"], fields["serverName"] = []any{e.address}, e.server()
		return "endpointServices", fields
	}
	fields["externalName"] = e.host
	if e.protocol.scheme == "tcp" && !e.form.closed() {
		fields["addresses"] = []any{e.address}
	}
	return "externalNameServices", fields
}

// asStored adds the slices that the cluster makes of Endpoints objects, which
// istiod does not read.
func asStored(t *testing.T, objects mesh.Objects, endpointsKind string) string {
	t.Helper()
	if endpointsKind != "Endpoints" {
		return objects.String()
	}
	mirrored, err := objects.MirrorEndpoints()
	assert.NoError(t, err)
	return mirrored.String()
}

// check calls the entry by its names and compares with what its values say.
func (e entry) check(t *testing.T, sidecar *mesh.Sidecar, namespace string, visible, registryOnly bool) {
	t.Helper()
	names := []string{e.name + ".default.svc.cluster.local", e.name + ".default"}
	if namespace == "default" {
		names = append(names, e.name)
	}
	for _, name := range names {
		host := fmt.Sprintf("%s:%d", name, e.protocol.port)
		url := e.protocol.scheme + "://" + host
		outcome := sidecar.Call(url)
		if visible {
			assert.Equal(t, e.outcome(host), outcome.String(), "%s from %s", url, namespace)
		} else {
			assertUntouched(t, outcome, registryOnly, url+" from "+namespace)
		}
	}
	// Somebody else on the same port.
	for _, url := range []string{
		fmt.Sprintf("%s://elsewhere.example.org:%d", e.protocol.scheme, e.protocol.port),
		fmt.Sprintf("%s://192.0.2.77:%d", e.protocol.scheme, e.protocol.port),
	} {
		assertUntouched(t, sidecar.Call(url), registryOnly, url+" from "+namespace)
	}
}

// outcome is what must become of a call with the Host header.
func (e entry) outcome(host string) string {
	cluster, upstream, subset := e.host, fmt.Sprintf("%s:%d", e.host, e.targetPort()), ""
	if e.host == "" {
		cluster, upstream = e.name+".default.svc.cluster.local", fmt.Sprintf("%s:%d", e.address, e.targetPort())
	}
	if e.form.closed() {
		cluster = e.name + ".default.egress.internal"
		if e.mode != "DISABLE" {
			subset = "as-declared"
		}
	}
	text := fmt.Sprintf("outbound|%d|%s|%s to %s ", e.protocol.port, subset, cluster, upstream)
	if e.mode == "DISABLE" {
		text += "plaintext"
	} else {
		text += fmt.Sprintf("tls sni=%[1]s names=%[1]s ca=system", e.server())
	}
	if e.mode == "MUTUAL" {
		text += " certificate=/certs/tls.crt~/certs/tls.key"
	}
	if !e.protocol.http {
		return text
	}
	rewrite := e.mode != "DISABLE"
	if e.rewrite != nil {
		rewrite = *e.rewrite
	}
	if rewrite {
		host = e.server()
	}
	return text + " host " + host
}

// assertUntouched checks that the sidecar does with the call what it does
// without the chart.
func assertUntouched(t *testing.T, outcome mesh.Outcome, registryOnly bool, call string) {
	t.Helper()
	if registryOnly {
		assert.True(t, outcome.Cluster == mesh.BlackHole || outcome.Status == 502, "%s: %s", call, outcome)
		return
	}
	assert.Equal(t, mesh.Passthrough, outcome.Cluster, "%s: %s", call, outcome)
	assert.False(t, outcome.TLS.On, "%s: %s", call, outcome)
}
