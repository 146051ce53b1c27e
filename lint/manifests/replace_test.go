package manifests_test

import (
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

var credential = strings.Replace(rule, "SIMPLE,", "MUTUAL, credentialName: client,", 1)

var files = strings.Replace(rule, "SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]", "MUTUAL, sni: x.example.com, clientCertificate: /c.pem, privateKey: /k.pem, caCertificates: /ca.pem", 1)

// unnamed verifies no name.
var unnamed = strings.Replace(rule, ", subjectAltNames: [api.example.com]", "", 1)

// Sets of manifests with a part of what replaces them.
var replaced = map[string]struct{ text, want string }{
	"recipe":                          {recipe, "externalName: httpbin.org"},
	"TLS on the alias":                {alias + strings.Replace(rule, "host: api.example.com", "host: api", 1), "targetPort: 443"},
	"selector":                        {entry + strings.Replace(credential, "spec:\n", "spec:\n  workloadSelector: {matchLabels: {app: web, \"a/b\": \"no\"}}\n", 1), "{matchLabels: {a/b: \"no\", app: web}}"},
	"files":                           {entry + files, "caCertificates: /ca.pem"},
	"TCP":                             {strings.NewReplacer("HTTP}", "TCP}", "name: http,", "name: db,").Replace(entry), "ports: [{name: db, port: 80, targetPort: 443, appProtocol: tcp}]\n    tls: {mode: DISABLE}\n"},
	"TCP by its number":               {strings.NewReplacer("HTTP}", "TCP}", "name: http,", "name: db,", "number: 80, targetPort: 443", "number: 3306").Replace(entry), "ports: [{name: db, port: 3306}]\n    tls: {mode: DISABLE}\n"},
	"TCP with TLS, without addresses": {strings.NewReplacer("HTTP}", "TCP}", "name: http,", "name: tcp,").Replace(entry) + unnamed, "ports: [{name: tcp, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n"},
	"TCP with TLS and addresses":      {strings.NewReplacer("HTTP}", "TCP}", "name: http,", "name: tcp,", "resolution: DNS", "resolution: DNS\n  addresses: [192.0.2.1]").Replace(entry) + unnamed, "externalName: api.example.com\n    ports: [{name: tcp, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n"},
	"revoked certificates":            {entry + strings.Replace(unnamed, "{mode", "{caCrl: /crl.pem, mode", 1), "tls: {mode: SIMPLE, caCrl: /crl.pem}"},
	"corp.local": {strings.ReplaceAll(alias, "team-a", "x") + strings.NewReplacer("host: api.example.com", "host: api.x.svc.corp.local", "team-a", "x").Replace(rule),
		"clusterDomain: corp.local\nexternalNameServices:\n  - name: api\n    namespace: x\n    externalName: api.example.com\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n"},
	"twice encrypted": {strings.NewReplacer("HTTP}", "HTTPS}", "80, targetPort: ", "").Replace(entry) + rule, "mode: DISABLE"},
	"HTTP on 443":     {strings.Replace(entry, "80, targetPort: 443", "443", 1) + rule, "port: 80, targetPort: 443"},
	"mixed ports": {strings.Replace(entry, "protocol: HTTP}]", "protocol: HTTP}, {number: 443, name: https, protocol: HTTPS}]", 1) + rule,
		"{name: https, port: 443, tls: {mode: DISABLE}}"},
	"two entries": {entry + strings.NewReplacer("80, targetPort: 443", "8443", "http,", "http-8443,", "name: api,", "name: api2,").Replace(entry), "- {name: http, port: 80, targetPort: 443}\n      - {name: http-8443, port: 8443, tls: {mode: DISABLE}}\n    tls: {mode: SIMPLE}\n    rewriteHost: true\n"},
	"wrong port": {entry + strings.Replace(rule, "    tls: {mode: SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]}",
		"    portLevelSettings: [{port: {number: 443}, tls: {mode: SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]}}]", 1), "mode: SIMPLE"},
	"IP as a name":         {strings.Replace(alias, "api.example.com", "192.0.2.1", 1), "endpointServices:\n  - name: api\n    namespace: team-a\n    addresses: [192.0.2.1]\n    ports: [{name: http, port: 80}]\n    tls: {mode: DISABLE}\n"},
	"upper case in a name": {strings.Replace(alias, "api.example", "API.example", 1), "externalName: api.example.com\n"},
	"two modes": {strings.Replace(entry, "protocol: HTTP}]", "protocol: HTTP}, {number: 8080, targetPort: 8443, name: http-admin, protocol: HTTP}]", 1) +
		strings.Replace(rule, ", subjectAltNames: [api.example.com]}", "}\n    portLevelSettings: [{port: {number: 8080}, tls: {mode: MUTUAL, clientCertificate: /c.pem, privateKey: /k.pem, sni: admin.example.com, subjectAltNames: [admin.example.com]}}]", 1),
		"      - {name: http, port: 80, targetPort: 443}\n      - name: http-admin\n        port: 8080\n        targetPort: 8443\n        tls:\n          mode: MUTUAL\n"},
	"two namespaces": {entry + unnamed + strings.ReplaceAll(entry+unnamed, "team-a", "team-b"), "# Workloads call api-example-com.team-"},
	"plaintext":      {entry, "mode: SIMPLE"},
	"settings of a port without tls": {entry + strings.Replace(rule, "    tls:", "    portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 5}}}]\n    tls:", 1),
		"port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n    trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}\n"},
	"a selector with files": {entry + strings.Replace(files, "spec:\n", "spec:\n  workloadSelector: {matchLabels: {app: checkout}}\n", 1),
		"privateKey: /k.pem\n    workloadSelector: {matchLabels: {app: checkout}}\n"},
	"a selector and everybody else": {strings.Replace(entry, "spec:\n", "spec:\n  exportTo: [\".\"]\n", 1) + unnamed +
		strings.NewReplacer("spec:\n", "spec:\n  workloadSelector: {matchLabels: {app: cart}}\n", "name: api,", "name: api2,", "{mode", "{caCertificates: /ca.pem, mode").Replace(unnamed),
		"tls: {mode: SIMPLE, caCertificates: /ca.pem}\n    workloadSelector: {matchLabels: {app: cart}}\n    exportTo: [\".\"]\n"},
	"fixed addresses": {strings.Replace(entry, "resolution: DNS", "resolution: STATIC\n  endpoints: [{address: 192.0.2.4}, {address: \"2001:db8::4\"}]", 1) + unnamed,
		"# Workloads call api-example-com.team-a in place of api.example.com.\nendpointServices:\n  - name: api-example-com\n    namespace: team-a\n    addresses: [192.0.2.4, \"2001:db8::4\"]\n"},
	"fixed addresses that few see": {strings.NewReplacer("resolution: DNS", "resolution: STATIC\n  endpoints: [{address: 192.0.2.1}]", "  hosts:", "  exportTo: [\".\"]\n  hosts:").Replace(entry) + unnamed, "exportTo: [\".\"]\n"},
	"an entry for the alias": {alias + strings.Replace(entry, "[api.example.com]", "[api.team-a.svc.cluster.local]", 1) + strings.Replace(rule, "host: api.example.com", "host: api", 1),
		"externalName: api.example.com\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n"},
	"an entry for the Service": {strings.Replace(alias, "type: ExternalName, externalName: api.example.com, ", "", 1) + strings.NewReplacer("[api.example.com]", "[api.team-a.svc.cluster.local]", "resolution: DNS", "resolution: DNS\n  endpoints: [{address: private.example.net}]").Replace(entry) +
		strings.Replace(rule, "host: api.example.com", "host: api", 1), "  - name: api\n    namespace: team-a\n    externalName: private.example.net\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n    serverName: api.example.com\n"},
	"another server": {strings.Replace(entry, "resolution: DNS", "resolution: DNS\n  endpoints: [{address: private.example.net, ports: {http: 8443}}]", 1) + unnamed,
		"externalName: private.example.net\n    ports: [{name: http, port: 80, targetPort: 8443}]\n    tls: {mode: SIMPLE}\n    serverName: api.example.com\n"},
	"HTTP without TLS to another server": {strings.NewReplacer("protocol: HTTP}]", "protocol: HTTP}, {number: 8080, name: http-b, protocol: HTTP}]", "resolution: DNS", "resolution: DNS\n  endpoints: [{address: private.example.net}]").Replace(entry), "rewriteHost: true"},
	"other name, no names":               {entry + strings.NewReplacer("sni: api.example.com, subjectAltNames: [api.example.com]", "sni: x.example.com").Replace(rule), "subjectAltNames: [x.example.com]"},
	"ports of endpoints": {"apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {ports: [{name: tcp-db, port: 5432}]}\n---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: db}\nsubsets: [{addresses: [{ip: 192.0.2.7}], ports: [{name: tcp-db, port: 15432}]}]\n",
		"{name: tcp-db, port: 5432, targetPort: 15432}"},
	"HTTP on 443, another port":           {strings.Replace(entry, "80, targetPort: 443", "443, targetPort: 8443", 1) + rule, "port: 80, targetPort: 8443"},
	"TLS on the alias, and nothing of it": {alias + strings.NewReplacer("host: api.example.com", "host: api", "SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]", "DISABLE").Replace(rule) + entry + rule, "tls: {mode: SIMPLE}"},
}

// Whatever is offered as a replacement is accepted by the chart, and lints clean of errors.
func TestReplacementsAreAccepted(t *testing.T) {
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range replaced {
		t.Run(name, func(t *testing.T) {
			findings := lintText(t, test.text)
			if len(findings) == 0 {
				t.Fatal("no findings")
			}
			for _, finding := range findings {
				if !strings.Contains(finding.Replacement, test.want) && name != "recipe" {
					t.Errorf("%s offers\n%swhich has no %s", finding.ID, finding.Replacement, test.want)
				}
				checkReplacement(t, chart, finding.Replacement)
			}
		})
	}
}

func checkReplacement(t *testing.T, chart *render.Chart, text string) {
	t.Helper()
	values, err := render.ParseValues([]byte(text))
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	result, err := chart.Render(values, render.Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, finding := range lintText(t, string(result.Manifest())) {
		if finding.Severity == lint.Error {
			t.Errorf("the replacement renders what is wrong as well: %s\n%s", finding.Message, text)
		}
	}
}

func TestReplacementKeepsWhatTheObjectsSay(t *testing.T) {
	route := "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: api, namespace: team-a}\nspec:\n  hosts: [api]\n  http: [{rewrite: {authority: server.example.com}, route: [{destination: {host: api.example.com}}]}]\n"
	unverified := strings.NewReplacer(", subjectAltNames: [api.example.com]", "", "    tls:", "    connectionPool: {tcp: {maxConnections: 5}}\n    tls:").Replace(rule)
	findings := lintText(t, alias+strings.Replace(entry, "  hosts:", "  exportTo: [\".\"]\n  hosts:", 1)+unverified+route)
	if len(findings) == 0 {
		t.Fatal("no findings")
	}
	for _, want := range []string{`exportTo: ["."]`, "serverName: server.example.com", "trafficPolicy: {connectionPool: {tcp: {maxConnections: 5}}}"} {
		if !strings.Contains(findings[0].Replacement, want) {
			t.Errorf("replacement\n%swant %s in it", findings[0].Replacement, want)
		}
	}
}

// Sets of manifests that say what values cannot.
var notReplaced = func() map[string]string {
	inCluster := func(text string) string {
		return strings.ReplaceAll(text, "api.example.com", "nginx.mesh-external.svc.cluster.local")
	}
	inEntry := func(line string) string { return strings.Replace(entry, "  hosts:", line+"\n  hosts:", 1) + unnamed }
	inRule := func(line string) string { return entry + strings.Replace(unnamed, "  host:", line+"\n  host:", 1) }
	inTLS := func(field string) string { return entry + strings.Replace(unnamed, "{mode", "{"+field+", mode", 1) }
	endpoints := func(resolution, list string) string {
		return strings.Replace(entry, "resolution: DNS", "resolution: "+resolution+"\n  endpoints: "+list, 1) + unnamed
	}
	service := "apiVersion: v1\nkind: Service\nmetadata: {name: db}\nspec: {ports: [{name: tcp, port: 5432}, {name: http, port: 80}]}\n---\napiVersion: v1\nkind: Endpoints\nmetadata: {name: db}\nsubsets:\n"
	route := "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: api, namespace: team-a}\nspec:\n  hosts: [api.example.com]\n  http: [{route: [{destination: {host: other.example.com}}]}]\n"
	return map[string]string{
		"TLS to a host in the cluster": inCluster(entry + unnamed),
		"ISTIO_MUTUAL":                 entry + strings.Replace(rule, "{mode: SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]}", "{mode: ISTIO_MUTUAL}", 1),
		"part of the mesh":             inEntry("  location: MESH_INTERNAL"),
		"pods":                         inEntry("  workloadSelector: {labels: {app: vm}}"),
		"two selectors": entry + strings.Replace(credential, "spec:\n", "spec:\n  workloadSelector: {matchLabels: {app: checkout}}\n", 1) +
			strings.NewReplacer("spec:\n", "spec:\n  workloadSelector: {matchLabels: {app: cart}}\n", "name: api,", "name: api2,", "client", "other").Replace(credential),
		"a credential for nobody":        entry + credential,
		"names of an entry":              inEntry("  subjectAltNames: [x.example.com]"),
		"another host of the entry":      strings.Replace(entry, "[api.example.com]", "[api.example.com, b.example.com]", 1) + unnamed,
		"no resolution":                  strings.Replace(entry, "DNS", "NONE", 1) + unnamed,
		"several servers by name":        endpoints("DNS", "[{address: a.example.net}, {address: b.example.net}]"),
		"weights":                        endpoints("DNS", "[{address: a.example.net, weight: 3}]"),
		"a name with fixed addresses":    endpoints("STATIC", "[{address: a.example.net}]"),
		"a socket":                       endpoints("STATIC", "[{address: unix:///run/x.sock}]"),
		"endpoints with different ports": endpoints("STATIC", "[{address: 192.0.2.1}, {address: 192.0.2.2, ports: {http: 8443}}]"),
		"no endpoints":                   endpoints("STATIC", "[]"),
		"an alias beside endpoints":      alias + endpoints("STATIC", "[{address: 192.0.2.1}]"),
		"subsets":                        inRule("  subsets: [{name: v1, labels: {a: b}}]"),
		"a rule that fewer see":          inRule("  exportTo: [\".\"]"),
		"certificates from two places":   inTLS("credentialName: a, caCertificates: /ca.pem"),
		"MUTUAL without a certificate":   strings.Replace(inTLS("caCertificates: /ca.pem"), "SIMPLE", "MUTUAL", 1),
		"a tunnel":                       entry + strings.Replace(unnamed, "    tls:", "    tunnel: {targetHost: a, targetPort: 1}\n    tls:", 1),
		"two rules":                      entry + unnamed + strings.NewReplacer("name: api,", "name: api2,", "sni: api", "sni: b").Replace(unnamed),
		"a rule of another namespace":    entry + strings.Replace(unnamed, "team-a", "team-b", 1),
		"a client certificate for ports where the workload sends TLS": strings.NewReplacer("HTTP}", "HTTPS}", "80, targetPort: ", "").Replace(entry) + files,
		"an unknown protocol with TLS":                                strings.NewReplacer("name: http, protocol: HTTP}", "name: x}").Replace(entry) + unnamed,
		"policies that differ by port": strings.Replace(entry, "protocol: HTTP}]", "protocol: HTTP}, {number: 8080, name: http-b, protocol: HTTP}]", 1) +
			strings.Replace(unnamed, "    tls:", "    portLevelSettings: [{port: {number: 80}, connectionPool: {tcp: {maxConnections: 5}}}]\n    tls:", 1),
		"a protocol that is none":   strings.Replace(entry, "HTTP}", "UDP}, {number: 443, name: http-b, protocol: HTTP}", 1),
		"a selector without labels": inRule("  workloadSelector: {}"),
		"another TLS of the alias":  alias + entry + unnamed + strings.NewReplacer("name: api,", "name: alias,", "host: api.example.com", "host: api", "SIMPLE", "MUTUAL, credentialName: a").Replace(rule),
		"a selector beside a wildcard": entry + strings.Replace(credential, "spec:\n", "spec:\n  workloadSelector: {matchLabels: {app: cart}}\n", 1) +
			strings.NewReplacer("name: api,", "name: all,", "host: api", "host: \"*\"\n  # ").Replace(rule),
		"routes of a wildcard": entry + unnamed + strings.Replace(route, "[api.example.com]", "[\"*.example.com\"]", 1),
		"TLS for led requests": strings.NewReplacer("targetPort: 443, ", "", "protocol: HTTP}]", "protocol: HTTP}, {number: 443, name: https, protocol: HTTPS}]").Replace(entry) + unnamed +
			strings.Replace(route, "[{route: [{destination: {host: other.example.com}}]}]", "[{match: [{port: 80}], route: [{destination: {host: api.example.com, port: {number: 443}}}]}]", 1),
		"led requests in plaintext": strings.NewReplacer("targetPort: 443, ", "", "protocol: HTTP}]", "protocol: HTTP}, {number: 443, name: https, protocol: HTTPS}]").Replace(entry) +
			strings.Replace(route, "[{route: [{destination: {host: other.example.com}}]}]", "[{match: [{port: 80}], route: [{destination: {host: api.example.com, port: {number: 443}}}]}]", 1),
		"TLS to port 80":                 strings.Replace(entry, ", targetPort: 443", "", 1) + unnamed,
		"TLS to a server that starts it": strings.NewReplacer("80, targetPort: 443", "5432", "HTTP}", "TCP}", "name: http,", "name: tcp,").Replace(entry) + unnamed,
		"plaintext by a rule":            entry + strings.NewReplacer("SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]", "DISABLE").Replace(rule),
		"no ports":                       unnamed,
		"a route to another host":        entry + unnamed + route,
		"a rule for a wildcard":          strings.Replace(entry, "HTTP}", "TCP}", 1) + strings.Replace(rule, "host: api.example.com", "host: \"*.com\"", 1),
		"endpoints by port":              service + "- {addresses: [{ip: 192.0.2.1}], ports: [{name: tcp, port: 5432}]}\n- {addresses: [{ip: 192.0.2.2}], ports: [{name: http, port: 80}]}\n",
		"ports without endpoints":        service + "- {addresses: [{ip: 192.0.2.1}], ports: [{name: tcp, port: 5432}]}\n",
		"the name of another Service":    strings.NewReplacer("name: api,", "name: api-example-com,", "api.example.com", "b.example.com").Replace(alias) + entry + unnamed,
	}
}()

func TestWhatIsNotReplaced(t *testing.T) {
	for name, text := range notReplaced {
		t.Run(name, func(t *testing.T) {
			findings := lintText(t, text)
			if len(findings) == 0 {
				t.Fatal("no findings")
			}
			for _, finding := range findings {
				if finding.Replacement != "" {
					t.Errorf("%s offers\n%s", finding.ID, finding.Replacement)
				}
			}
		})
	}
}
