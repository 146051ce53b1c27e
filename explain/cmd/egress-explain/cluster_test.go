package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const registryOnlyMesh = "outboundTrafficPolicy: {mode: REGISTRY_ONLY}\n"

// meshOfConfigMap is as kubectl get configmap istio -n istio-system -o yaml prints it.
const meshOfConfigMap = `apiVersion: v1
kind: ConfigMap
metadata: {name: istio, namespace: istio-system}
data:
  mesh: |
    accessLogFile: /dev/stdout
    outboundTrafficPolicy: {mode: REGISTRY_ONLY}
    newerThanThisProgram: 1
  meshNetworks: 'networks: {}'
`

func TestMeshConfig(t *testing.T) {
	for text, want := range map[string]string{registryOnlyMesh: "BLOCKED", meshOfConfigMap: "BLOCKED", "accessLogFile: /dev/stdout\n": "UNKNOWN"} {
		got := answer(t, "-f", shop, "--mesh-config", write(t, text), "http://unknown.example/")
		if verdict, _, _ := strings.Cut(got, "\n"); !strings.Contains(verdict, want) {
			t.Errorf("%s\n%s, want %s", text, verdict, want)
		}
	}
}

func TestWrongMeshConfig(t *testing.T) {
	for text, want := range map[string]string{
		"outboundTrafficPolicy: {mode: SOMETIMES}\n": "SOMETIMES",
		"outboundTrafficPolicy: REGISTRY_ONLY\n":     "mesh configuration: ",
		"externalNameServices: []\n":                 "none of its keys is one of a mesh's configuration",
		"kind: ConfigMap\ndata: {a: b}\n":            "has no key mesh",
		"a: [\n":                                     "mesh configuration: ",
	} {
		path := write(t, text)
		status, stdout, stderr := execute(t, "", "-f", shop, "--mesh-config", path, "http://a/")
		if status != exitNoAnswer || stdout != "" || !strings.Contains(stderr, path) || !strings.Contains(stderr, want) {
			t.Errorf("%s\nstatus %d, want %q, got %s%s", text, status, want, stdout, stderr)
		}
	}
}

const (
	aliasInJSON = `{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "mine", "namespace": "shop"},
		"spec": {"type": "ExternalName", "externalName": "httpbin.org"}}`
	entryInYAML = `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: httpbin, namespace: shop}
spec: {hosts: [httpbin.org], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP, targetPort: 443}]}
`
	// A list of one kind, whose items do not say what they are, as client libraries write it.
	typedList = `{"apiVersion": "networking.istio.io/v1beta1", "kind": "DestinationRuleList", "metadata": {}, "items": [
		{"metadata": {"name": "httpbin", "namespace": "shop"},
		 "spec": {"host": "httpbin.org", "trafficPolicy": {"tls": {"mode": "SIMPLE", "sni": "httpbin.org"}}}}]}`
	listInList = `apiVersion: v1
kind: List
items:
- apiVersion: v1
  kind: List
  items:
  - {apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: mine, namespace: shop},
     spec: {hosts: [mine.shop.svc.cluster.local], http: [{route: [{destination: {host: httpbin.org, port: {number: 80}}}]}]}}
- {apiVersion: apps/v1, kind: Deployment, metadata: {name: mine, namespace: shop}}
`
)

// A folder with what kubectl prints, in JSON and YAML, is read as one.
func TestFolderOfManifests(t *testing.T) {
	folder := t.TempDir()
	for name, text := range map[string]string{
		"alias.json": aliasInJSON, "deeper/entry.yml": entryInYAML, "rules.json": typedList, "lists.yaml": listInList,
		"notes.txt": "nothing for programs: [", ".hidden/entry.yaml": "a: [",
	} {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	status, stdout, stderr := execute(t, "", "--with", folder, "--from", "shop", "http://mine/")
	if status != exitOK || !strings.Contains(stderr, "1 Deployment") {
		t.Fatalf("status %d: %s", status, stderr)
	}
	for _, want := range []string{"leaves in TLS to httpbin.org:443", "alias.json:1", "entry.yml:1", "rules.json:2", "lists.yaml:7"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("%q is not in\n%s", want, stdout)
		}
	}
}

func TestWrongManifests(t *testing.T) {
	for text, want := range map[string]string{
		`{"apiVersion": "v1", "kind": "Service", "spec": []}`:                                "Service: ",
		`{"apiVersion": "v1", "kind": "List", "items": [{"kind": "Service", "spec": {`:       "<stdin>:1",
		"apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nspec: {hosts: a.example}\n": "<stdin>:1: ServiceEntry",
	} {
		status, stdout, stderr := execute(t, text, "--with", "-", "http://a/")
		if status != exitNoAnswer || stdout != "" || !strings.Contains(stderr, want) {
			t.Errorf("%s\nstatus %d, want %q, got %s%s", text, status, want, stdout, stderr)
		}
	}
	if status, _, stderr := execute(t, "", "--with", t.TempDir(), "http://a/"); status != exitNoAnswer || !strings.Contains(stderr, "no .yaml, .yml or .json file in it") {
		t.Errorf("status %d: %s", status, stderr)
	}
}

// Behind the address of a Service is what kube-proxy leads it to, whether its name is called or the address.
func TestClusterIPsAreServices(t *testing.T) {
	cluster := write(t, `
apiVersion: v1
kind: Service
metadata: {name: ledger}
spec: {clusterIP: 10.96.0.7, ports: [{name: tcp, port: 1521}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ledger-1, labels: {kubernetes.io/service-name: ledger}}
addressType: IPv4
ports: [{name: tcp, port: 1522}]
endpoints: [{addresses: [192.0.2.7]}]
`)
	for _, tc := range []struct {
		args []string
		want string
	}{
		{[]string{"tcp://10.96.0.7:1521"}, "leaves in PLAINTEXT to 192.0.2.7:1522"},
		{[]string{"--no-sidecar", "tcp://10.96.0.7:1521"}, "leaves in PLAINTEXT to 192.0.2.7:1522"},
		{[]string{"tcp://10.96.0.7:53"}, "reaches NOTHING"},
		{[]string{"--no-sidecar", "tcp://10.96.0.7:53"}, "reaches NOTHING"},
		{[]string{"--address", "10.96.0.7", "tcp://database.example.com:53"}, "reaches NOTHING"},
		{[]string{"tcp://10.96.0.8:1521"}, "leaves the mesh as UNKNOWN traffic to 10.96.0.8:1521"},
	} {
		if got := answer(t, append([]string{"--with", cluster}, tc.args...)...); !strings.Contains(got, tc.want) {
			t.Errorf("%q: want %q, got %s", tc.args, tc.want, got)
		}
	}
}
