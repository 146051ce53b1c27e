package manifests_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/manifests"
)

func lintText(t *testing.T, text string) []lint.Finding {
	t.Helper()
	findings, _, err := manifests.Lint([]string{"-"}, strings.NewReader(text), lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

func lines(findings []lint.Finding) []string {
	var all []string
	for _, finding := range findings {
		line := fmt.Sprintf("%s %s", strings.TrimPrefix(finding.Position.String(), "<stdin>:"), finding.ID)
		for _, related := range finding.Related {
			line += fmt.Sprintf(" (%s)", strings.TrimPrefix(related.Position.String(), "<stdin>:"))
		}
		all = append(all, line)
	}
	return all
}

func expect(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// The recipe of the Istio task, as people have it in their repositories.
const recipe = `kind: Service
apiVersion: v1
metadata:
  name: my-httpbin
spec:
  type: ExternalName
  externalName: httpbin.org
  ports:
  - name: http
    protocol: TCP
    port: 80
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: my-httpbin
spec:
  host: my-httpbin.default.svc.cluster.local
  trafficPolicy:
    tls:
      mode: DISABLE
---
kind: Service
apiVersion: v1
metadata:
  name: my-wikipedia
spec:
  ports:
  - protocol: TCP
    port: 443
    name: tls
---
kind: Endpoints
apiVersion: v1
metadata:
  name: my-wikipedia
subsets:
  - addresses:
      - ip: 192.0.2.1
      - ip: 2001:db8::1
    ports:
      - port: 443
        name: tls
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata:
  name: my-wikipedia
spec:
  host: my-wikipedia.default.svc.cluster.local
  trafficPolicy:
    tls:
      mode: DISABLE
`

func TestRecipeOfTheIstioTask(t *testing.T) {
	findings := lintText(t, recipe)
	expect(t, lines(findings),
		"18:9 manifest-alias-rule (7:17)",
		"33:7 manifest-endpoints-legacy",
	)
	if findings[0].Document != 2 || findings[0].Object != "DestinationRule default/my-httpbin" || findings[0].Path != "spec.host" {
		t.Errorf("got %+v", findings[0])
	}
	for i, want := range []string{
		"externalNameServices:\n  - name: my-httpbin\n    namespace: default\n    externalName: httpbin.org\n    ports: [{name: http, port: 80}]\n    tls: {mode: DISABLE}\n",
		"endpointServices:\n  - name: my-wikipedia\n    namespace: default\n    addresses: [192.0.2.1, \"2001:db8::1\"]\n    ports: [{name: tls, port: 443}]\n    tls: {mode: DISABLE}\n",
	} {
		if got := findings[i].Replacement; got != want {
			t.Errorf("replacement\n%swant\n%s", got, want)
		}
	}
}

const (
	alias = "apiVersion: v1\nkind: Service\nmetadata: {name: api, namespace: team-a}\nspec: {type: ExternalName, externalName: api.example.com, ports: [{name: http, port: 80}]}\n---\n"
	entry = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: api, namespace: team-a}\nspec:\n  hosts: [api.example.com]\n  resolution: DNS\n  ports: [{number: 80, targetPort: 443, name: http, protocol: HTTP}]\n---\n"
	rule  = "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: api, namespace: team-a}\nspec:\n  host: api.example.com\n  trafficPolicy:\n    tls: {mode: SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]}\n---\n"
)

var clean = map[string]string{
	"a selector for its namespace": entry + rule + strings.NewReplacer("name: api,", "name: web,", "  host:", "  workloadSelector: {matchLabels: {a: b}}\n  exportTo: [team-a]\n  host:").Replace(rule),
	"old versions":                 strings.ReplaceAll(entry+rule, "istio.io/v1", "istio.io/v1alpha3"),
	"values filled in later":       strings.NewReplacer("number: 80", "number: \"${PORT}\"", "SIMPLE", "\"${MODE}\"", "protocol: HTTP", "protocol: HTTPS").Replace(entry + rule),
	"what the cluster adds":        strings.NewReplacer("team-a}", "team-a, uid: a, resourceVersion: \"\", creationTimestamp: null, managedFields: [{manager: a, operation: Apply}]}\nstatus: {}").Replace(entry + rule),
	"alias, entry and rule":        alias + entry + rule,
	"alias alone":                  alias,
	"entry of HTTPS":               strings.NewReplacer("HTTP}", "HTTPS}", "targetPort: 443, ", "").Replace(entry),
	"rule for a Service of pods":   "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{name: https, port: 443}]}\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: web}\nspec: {host: web, trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}\n",
	"mesh-wide rule":               "apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: all, namespace: istio-system}\nspec: {host: \"*.local\", trafficPolicy: {tls: {mode: ISTIO_MUTUAL}}}\n",
	"direct calls without sni":     entry + strings.Replace(rule, ", sni: api.example.com, subjectAltNames: [api.example.com]", "", 1),
	"TCP with addresses":           strings.NewReplacer("HTTP}", "TCP}", "name: http,", "name: tcp,", "targetPort: 443, ", "", "resolution: DNS", "addresses: [192.0.2.1]").Replace(entry),
	"host in two namespaces":       entry + strings.ReplaceAll(entry, "team-a", "team-b") + rule + strings.ReplaceAll(rule, "team-a", "team-b"),
	"the same object, overlays":    entry + entry + rule,
	"credential at a gateway":      entry + strings.Replace(rule, "SIMPLE,", "SIMPLE, credentialName: ca,", 1) + "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: api, namespace: team-a}\nspec: {hosts: [api.example.com], gateways: [mesh, egress], http: []}\n",
	"TLS at a gateway":             strings.Replace(entry, "HTTP}", "HTTPS}", 1) + rule + "apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: api, namespace: team-a}\nspec: {hosts: [api.example.com], gateways: [mesh, egress], http: []}\n",
	"TLS of a gateway's pods":      strings.Replace(entry, "HTTP}", "HTTPS}", 1) + strings.Replace(rule, "  host:", "  workloadSelector: {matchLabels: {istio: egressgateway}}\n  host:", 1),
	"CA in a ConfigMap":            entry + strings.Replace(rule, "SIMPLE,", "SIMPLE, credentialName: \"configmap://team-a/ca\",", 1),
	"settings of a TLS port": strings.Replace(entry, "protocol: HTTP}]", "protocol: HTTP}, {number: 443, name: https, protocol: HTTPS}]", 1) +
		strings.Replace(rule, "    tls:", "    portLevelSettings: [{port: {number: 443}, connectionPool: {tcp: {maxConnections: 5}}}]\n    tls:", 1),
	"other kinds, other documents": "kind: ConfigMap\napiVersion: v1\ndata: {1: x, a: b, a: c}\n---\n- a list\n---\njust text\n---\n{}\n",
	"other group":                  "apiVersion: serving.knative.dev/v1\nkind: Service\nspec: {type: ExternalName, externalName: X.}\n",
	"empty":                        "",
}

func TestWhatIsRightIsLeftAlone(t *testing.T) {
	for name, text := range clean {
		t.Run(name, func(t *testing.T) {
			expect(t, lines(lintText(t, text)))
		})
	}
}

var traps = map[string]struct {
	text string
	want []string
}{
	"short host of an alias": {alias + strings.Replace(rule, "host: api.example.com", "host: api", 1), []string{"10:9 manifest-alias-rule (4:42)"}},
	"half a host":            {alias + strings.Replace(rule, "host: api.example.com", "host: api.team-a.svc", 1), []string{"10:9 manifest-alias-rule (4:42)"}},
	"old API version":        {strings.ReplaceAll(alias+strings.Replace(rule, "host: api.example.com", "host: api", 1), "istio.io/v1", "istio.io/v1beta1"), []string{"10:9 manifest-alias-rule (4:42)"}},
	"sni alone":              {entry + strings.Replace(rule, ", subjectAltNames: [api.example.com]", "", 1), []string{"15:30 manifest-subject-alt-names"}},
	"sni alone, by port": {entry + strings.Replace(rule, "    tls: {mode: SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]}",
		"    portLevelSettings:\n    - port: {number: 80}\n      tls:\n        mode: SIMPLE\n        sni: api.example.com", 1), []string{"19:14 manifest-subject-alt-names"}},
	"neither, called by an alias":  {alias + entry + strings.Replace(rule, ", sni: api.example.com, subjectAltNames: [api.example.com]", "", 1), []string{"20:17 manifest-sni"}},
	"upper case":                   {strings.Replace(alias, "api.example", "API.example", 1), []string{"4:42 manifest-external-name"}},
	"upper case, with an entry":    {strings.Replace(alias, "api.example", "API.example", 1) + entry + rule, []string{"4:42 manifest-external-name"}},
	"dot, with an entry":           {strings.Replace(alias, "example.com", "example.com.", 1) + entry + rule, []string{"4:42 manifest-external-name (10:3)"}},
	"underscore":                   {strings.Replace(alias, "api.example", "my_api.example", 1), []string{"4:42 manifest-external-name"}},
	"IPv4 address as a name":       {strings.Replace(alias, "api.example.com", "192.0.2.1", 1) + strings.Replace(rule, "host: api.example.com", "host: api", 1), []string{"4:42 manifest-external-name-ip"}},
	"IPv6 address as a name":       {strings.Replace(alias, "api.example.com", "\"2001:db8::1\"", 1), []string{"4:42 manifest-external-name-ip"}},
	"a List":                       {"apiVersion: v1\nkind: List\nitems:\n- apiVersion: networking.istio.io/v1\n  kind: ServiceEntry\n  metadata: {name: db}\n  spec:\n    hosts: [db.example.com]\n    resolution: DNS\n    ports:\n    - {number: 5432, name: db, protocol: TCP}\n", []string{"11:7 manifest-tcp-addresses"}},
	"wildcard entry":               {strings.NewReplacer("HTTP}", "HTTPS}", "api.example.com", "\"*.example.com\"", "80, targetPort: ", "", "DNS", "NONE").Replace(entry) + rule, []string{"15:17 manifest-tls-twice (7:11)"}},
	"broken":                       {entry + "kind: [\n", []string{"7:11 manifest-plaintext", "10:1 yaml-syntax"}},
	"wildcard by DNS":              {strings.NewReplacer("HTTP}", "HTTPS}", "api.example.com", "\"*.example.com\"", "80, targetPort: ", "").Replace(entry), []string{"5:11 manifest-wildcard-dns"}},
	"MUTUAL without a certificate": {entry + strings.Replace(rule, "SIMPLE", "MUTUAL", 1), []string{"15:17 manifest-client-certificate"}},
	"a key without a certificate":  {entry + strings.Replace(rule, "SIMPLE", "MUTUAL, privateKey: /k.pem", 1), []string{"15:17 manifest-client-certificate"}},
	"a selector for everybody":     {entry + rule + strings.NewReplacer("name: api,", "name: web,", "  host:", "  workloadSelector: {matchLabels: {a: b}}\n  exportTo: [\".\", b]\n  host:").Replace(rule), []string{"22:3 manifest-selector-visibility"}},
	"another's namespace":          {entry + rule + strings.NewReplacer("name: api,", "name: web,", "  host:", "  workloadSelector: {matchLabels: {a: b}}\n  exportTo: [b]\n  host:").Replace(rule), []string{"22:3 manifest-selector-visibility"}},
}

func TestTraps(t *testing.T) {
	for name, test := range traps {
		t.Run(name, func(t *testing.T) {
			findings := lintText(t, test.text)
			if name == "a List" || name == "broken" {
				for i := range findings {
					findings[i].Related = nil
				}
			}
			expect(t, lines(findings), test.want...)
		})
	}
}

func TestTemplates(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"line":            {"{{- if .Values.on }}\nkind: Service\n{{- end }}\n", "1:1"},
		"value":           {"kind: Service\nmetadata:\n  name: {{ .Values.name }}\n", "3:9"},
		"part of a value": {"kind: Service\nmetadata:\n  name: {{ .Values.name }}-é\n", "3:9"},
		"item":            {"kind: Service\nspec:\n  ports:\n    - name: {{ .Values.port }}\n", "4:13"},
		"in brackets":     {"kind: Service\nmetadata: {é: a, name: {{ .Values.name }}}\n", "2:24"},
		"later document":  {entry + "kind: Service\nmetadata:\n  name: é\n  {{- include \"labels\" . | nindent 2 }}\n---\na: b\n", "12:3"},
		"of a ConfigMap":  {"kind: ConfigMap\ndata:\n  a: |\n    {{ text }}\n", ""},
		"elsewhere":       {"kind: ConfigMap\ndata:\n  a: |\n    {{ text }}\n---\na: [\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var got string
			for _, finding := range lintText(t, test.text) {
				if strings.Contains(finding.Message, "a template, not YAML: render it first") {
					got += strings.TrimPrefix(finding.Position.String(), "<stdin>:")
				}
			}
			if got != test.want {
				t.Errorf("templates at %q, want %q", got, test.want)
			}
		})
	}
}

func TestExamplesAreClean(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/rendered.yaml")
	if err != nil || len(files) < 5 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		findings, read, err := manifests.Lint([]string{file}, nil, lint.Options{})
		if err != nil || read.Objects == 0 {
			t.Fatalf("%s: %d objects, %v", file, read.Objects, err)
		}
		expect(t, lines(findings))
	}
}

func TestDirectories(t *testing.T) {
	directory := t.TempDir()
	for name, text := range map[string]string{
		"alias.yaml": alias, "sub/rule.yml": strings.Replace(rule, "host: api.example.com", "host: api", 1),
		"readme.md": "# no YAML [", ".git/x.yaml": "[", "ratings.json": "{\"rating\": 5}\n{\"rating\": 4}\n",
	} {
		path := filepath.Join(directory, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	findings, read, err := manifests.Lint([]string{directory}, nil, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if read.String() != "2 files (2 objects)" || len(findings) != 1 || findings[0].Position.File != filepath.Join(directory, "sub/rule.yml") ||
		findings[0].Related[0].Position.File != filepath.Join(directory, "alias.yaml") {
		t.Errorf("%s: %+v", read, findings)
	}
	if _, _, err := manifests.Lint([]string{filepath.Join(directory, ".git/none")}, nil, lint.Options{}); err == nil {
		t.Error("a path that is not there: no error")
	}
	if _, _, err := manifests.Lint([]string{t.TempDir()}, nil, lint.Options{}); err == nil || !strings.Contains(err.Error(), "no .yaml") {
		t.Errorf("an empty directory: %v", err)
	}
	if findings, _, err := manifests.Lint([]string{directory}, nil, lint.Options{Disable: []string{"manifest-alias-rule"}}); err != nil || len(findings) > 0 {
		t.Errorf("disabled: %v, %v", findings, err)
	}
}

// What to write depends on whether the host has a rule already.
func TestPlaintextAdvice(t *testing.T) {
	for want, text := range map[string]string{
		"add a DestinationRule for the host with tls.mode: SIMPLE, sni and subjectAltNames":     entry,
		"give the port tls.mode: SIMPLE, sni and subjectAltNames in DestinationRule team-a/api": entry + strings.NewReplacer("SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]", "DISABLE").Replace(rule),
	} {
		advice := ""
		for _, finding := range lintText(t, text) {
			if finding.ID == "manifest-plaintext" {
				advice = finding.Message
			}
		}
		if !strings.HasSuffix(advice, want) {
			t.Errorf("%q, want %q", advice, want)
		}
	}
}
