package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
)

const (
	cleanValues   = "externalNameServices:\n  - name: api\n    externalName: api.example.com\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n"
	warningValues = "externalNameServices:\n  - name: api\n    externalName: api.example.com\n    rewriteHost: false\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n"
	wrongValues   = "externalNameServices:\n  - name: api\n    externalName: API.example.com\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n"
	tcpEntry      = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: db}\nspec: {hosts: [db.example.com], resolution: DNS, ports: [{number: 5432, name: tcp, protocol: TCP}]}\n"
	deadRule      = "apiVersion: v1\nkind: Service\nmetadata: {name: api}\nspec: {type: ExternalName, externalName: api.example.com}\n---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: api}\nspec:\n  host: api\n  trafficPolicy: {tls: {mode: SIMPLE, sni: api.example.com, subjectAltNames: [api.example.com]}}\n"
)

const (
	newerValues = `externalNameServices:
  - name: api
    externalName: api.example.com
    ports: [{name: http2, port: 80}]
    tls: {mode: DISABLE}
    trafficPolicy: {connectionPool: {http: {http2KeepAlive: {interval: 30s, timeout: 5s}}}}
`
	newerRule = `apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: api}
spec:
  host: api.example.com
  trafficPolicy: {outlierDetection: {failurePercentageThreshold: 50}}
`
	newerTokens = `apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens}
spec:
  jwtRules: [{issuer: issuer.example.com, presence: REQUIRED}]
`
)

func TestLintStatus(t *testing.T) {
	for name, tc := range map[string]struct {
		stdin  string
		args   []string
		status int
		want   string // on standard output, or standard error for status 2
	}{
		"clean":               {cleanValues, []string{"-f", "-"}, exitOK, "no problems in <stdin>\n"},
		"warning":             {warningValues, []string{"-f", "-"}, exitOK, "1 warning in <stdin>\n"},
		"strict":              {warningValues, []string{"-f", "-", "--strict"}, exitRefused, "1 warning in <stdin> (warnings fail: --strict)\n"},
		"disabled":            {warningValues, []string{"-f", "-", "--strict", "--disable", "rewrite-host-off"}, exitOK, "no problems"},
		"error":               {wrongValues, []string{"-f", "-"}, exitRefused, "<stdin>:3:19: error: externalNameServices[0].externalName: "},
		"set":                 {cleanValues, []string{"-f", "-", "--set", "externalNameServices[0].tls.mode=NONE"}, exitRefused, "--set externalNameServices[0].tls.mode=NONE: error: "},
		"set alone":           {"", []string{"--set", "exportTo[0]=Bad"}, exitRefused, "--set exportTo[0]=Bad: error: exportTo[0]: "},
		"broken YAML":         {"a: [\n", []string{"-f", "-"}, exitRefused, "[yaml-syntax]"},
		"yes as a name":       {"externalNameServices:\n  on: {externalName: api.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}\n", []string{"-f", "-"}, exitRefused, "<stdin>:2:3: error: on is not a string for YAML (Helm reads a number, a yes or no, or nothing): write it in quotes, \"on\" [yaml-key]\n"},
		"argocd":              {"endpointServices: [{name: a, addresses: [192.0.2.1], ports: [{name: https, port: 443}], tls: {mode: DISABLE}}]", []string{"-f", "-", "--argocd"}, exitRefused, "[argocd-endpoints]"},
		"manifests":           {deadRule, []string{"--manifests", "-"}, exitRefused, "<stdin>:10:9: error: DestinationRule default/api: spec.host: "},
		"a template":          {"metadata:\n  name: {{ .Values.name }}\n", []string{"--manifests", "-"}, exitRefused, "<stdin>:2:9: error: a template, not YAML: render it first, such as by helm template CHART, and give what comes out (- is standard input) [yaml-syntax]\n"},
		"clean manifests":     {"kind: ConfigMap\napiVersion: v1\n", []string{"--manifests", "-"}, exitOK, "no problems in 1 file (0 objects)\n"},
		"captured port":       {tcpEntry, []string{"--manifests", "-"}, exitRefused, "[manifest-tcp-addresses]"},
		"DNS capture":         {tcpEntry, []string{"--manifests", "-", "--dns-capture"}, exitOK, "no problems in 1 file (1 object)\n"},
		"older Istio":         {newerValues, []string{"-f", "-", "--istio", "1.30"}, exitOK, "<stdin>:6:45: warning: externalNameServices[0].trafficPolicy.connectionPool.http.http2KeepAlive: Istio 1.30 does not know http2KeepAlive"},
		"newer Istio":         {newerValues, []string{"-f", "-", "--istio", "1.31.2"}, exitOK, "no problems"},
		"Istio not supported": {newerValues, []string{"-f", "-", "--istio", "1.3"}, exitFailed, `version "1.3" of Istio is not supported: write 1.30, 1.31 or 1.32`},
		"older manifests":     {newerRule, []string{"--manifests", "-", "--istio", "1.31"}, exitOK, "<stdin>:6:66: warning: DestinationRule default/api: spec.trafficPolicy.outlierDetection.failurePercentageThreshold: Istio 1.31 does not know the field, and Kubernetes leaves it out: remove it, unless all your meshes have Istio 1.32 or later [manifest-newer-istio]"},
		"older, security":     {newerTokens, []string{"--manifests", "-", "--istio", "1.31"}, exitOK, "<stdin>:5:53: warning: RequestAuthentication default/tokens: spec.jwtRules[0].presence: Istio 1.31 does not know the field"},
		"newest, security":    {newerTokens, []string{"--manifests", "-", "--istio", "1.32"}, exitOK, "no problems"},
		"newest manifests":    {newerRule, []string{"--manifests", "-", "--istio", "1.32"}, exitOK, "no problems"},
		"no manifests":        {cleanValues, []string{"--manifests", "-"}, exitFailed, "-: no Kubernetes objects in it; values files are given with -f"},
		"explain":             {"", []string{"--explain", "tls-twice"}, exitOK, "# tls-twice\n"},
		"explain list":        {"", []string{"--explain", "list"}, exitOK, "\ntls-twice "},
		"explain nothing":     {"", []string{"--explain", "tls-twise"}, exitFailed, "did you mean tls-twice?"},
		"no input":            {"", nil, exitFailed, "nothing to lint: use -f values.yaml"},
		"missing file":        {"", []string{"-f", "no-such.yaml"}, exitFailed, "no-such.yaml: no such file"},
		"missing manifests":   {"", []string{"--manifests", "no-such"}, exitFailed, "no-such: no such file or directory"},
		"directory":           {"", []string{"-f", "."}, exitFailed, ".: is a directory"},
		"format":              {cleanValues, []string{"-f", "-", "--format", "xml"}, exitFailed, `unknown format "xml": want one of github, gitlab, json, junit, sarif, text`},
		"disable an error":    {wrongValues, []string{"-f", "-", "--disable", "tls-twice"}, exitFailed, "tls-twice is refused by the chart"},
		"release":             {"", []string{"--release", "a"}, exitFailed, "--release a: want name=file or namespace/name=file"},
		"release name":        {"", []string{"--release", "A=x.yaml"}, exitFailed, `release name "A": no name that Helm takes`},
		"namespace":           {cleanValues, []string{"-f", "-", "-n", "team.a"}, exitFailed, `namespace "team.a": no name that Kubernetes takes`},
		"release's namespace": {cleanValues, []string{"--release", "Team/a=-"}, exitFailed, `namespace "Team": no name that Kubernetes takes`},
		"longest namespace":   {cleanValues, []string{"-f", "-", "-n", strings.Repeat("a", 63)}, exitOK, "no problems"},
		"no namespace":        {cleanValues, []string{"-f", "-", "-n", ""}, exitOK, "no problems"},
		"files and manifests": {"", []string{"a.yaml", "--manifests", "."}, exitFailed, "values files as arguments go with neither"},
		"both kinds of input": {"", []string{"-f", "-", "--manifests", "."}, exitFailed, "--manifests and --values (-f) do not go together: --manifests lints hand-written objects, which have no values; run render lint once for each"},
		"manifests, release":  {"", []string{"--release", "a=b.yaml", "--manifests", "."}, exitFailed, "--manifests and --release do not go together"},
		"manifests and set":   {"", []string{"--set", "a=b", "--manifests", "."}, exitFailed, "--manifests and --set do not go together"},
		"stdin twice":         {cleanValues, []string{"-f", "-", "-f", "-"}, exitFailed, "<stdin>: it is given more than once"},
		"stdin and a value":   {cleanValues, []string{"-f", "-", "--set-file", "commonLabels.a=-"}, exitFailed, "<stdin>: it is given more than once"},
		"manifests twice":     {deadRule, []string{"--manifests", "-", "--manifests", "-"}, exitFailed, "<stdin>: it is given more than once"},
		"missing chart":       {cleanValues, []string{"-f", "-", "--chart", "no-such"}, exitFailed, "no-such"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := execute(tc.stdin, append([]string{"lint"}, tc.args...)...)
			got := stdout
			if tc.status == exitFailed {
				got = stderr
			}
			if status != tc.status || !strings.Contains(got, tc.want) {
				t.Errorf("status %d, want %d; output:\n%s%s", status, tc.status, stdout, stderr)
			}
			if (stderr != "") != (tc.status == exitFailed) {
				t.Errorf("standard error: %q", stderr)
			}
		})
	}
}

func TestLintReleases(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"a.yaml": cleanValues, "b.yaml": cleanValues, "team.yaml": "exportTo: [\".\"]\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	status, stdout, _ := execute("", "lint", "--release", "a=a.yaml", "--release", "b=b.yaml", "--release", "b=team.yaml")
	if status != exitRefused || !strings.Contains(stdout, "b.yaml:2:5: error: b: externalNameServices[0]: Service default/api is rendered by release a already") {
		t.Errorf("status %d:\n%s", status, stdout)
	}
	status, stdout, stderr := execute("exportTo: [Bad]\n", "lint", "--release", "a=a.yaml", "--release", "other/b=b.yaml", "-f", "-")
	if status != exitRefused || strings.Count(stdout, "<stdin>:1:12: error: ") != 2 {
		t.Errorf("standard input for each release: status %d:\n%s%s", status, stdout, stderr)
	}
	status, stdout, _ = execute("", "lint", "--release", "a=a.yaml", "--release", "other/b=b.yaml", "-f", "team.yaml")
	if status != exitOK || !strings.Contains(stdout, "no problems in team.yaml, a.yaml, b.yaml") {
		t.Errorf("status %d:\n%s", status, stdout)
	}
}

// Files as arguments, as pre-commit gives them, are not merged and not held against each other.
func TestLintEachFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{"a.yaml": cleanValues, "b.yaml": cleanValues, "c.yaml": wrongValues} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if status, stdout, _ := execute("", "lint", "a.yaml", "b.yaml"); status != exitOK {
		t.Errorf("status %d:\n%s", status, stdout)
	}
	status, stdout, _ := execute("", "lint", "a.yaml", "c.yaml")
	if status != exitRefused || !strings.HasPrefix(stdout, "c.yaml:3:19: error: ") || strings.Count(stdout, "\n") != 2 {
		t.Errorf("status %d:\n%s", status, stdout)
	}
}

func TestLintFormats(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("values.yaml", []byte(wrongValues), 0o600); err != nil {
		t.Fatal(err)
	}
	for format, want := range map[string]string{
		"text":   "values.yaml:3:19: error: ",
		"github": "::error file=values.yaml,line=3,col=19,",
		"json":   `"line": 3,`,
		"sarif":  `"startLine": 3`,
	} {
		status, stdout, stderr := execute("", "lint", "-f", "values.yaml", "--format", format)
		if status != exitRefused || !strings.Contains(stdout, want) || stderr != "" {
			t.Errorf("%s: status %d:\n%s%s", format, status, stdout, stderr)
		}
		if strings.HasPrefix(stdout, "{") && !json.Valid([]byte(stdout)) {
			t.Errorf("%s: not JSON", format)
		}
	}
}

func TestColourNeedsATerminal(t *testing.T) {
	file, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if colored(file) || colored(&strings.Builder{}) {
		t.Error("colour without a terminal")
	}
}
