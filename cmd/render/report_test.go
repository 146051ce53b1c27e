package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	simpleValues = "externalNameServices:\n  - name: api\n    externalName: api.example.com\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n"
	textPort     = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: db}\nspec: {hosts: [db.example.com], resolution: DNS, ports: [{number: \"5432\", name: tcp, protocol: TCP}]}\n"
	wholeEntry   = "apiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: web, namespace: shop}\nspec: {hosts: [web.example.com], resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]}\n"
)

func TestReportStatus(t *testing.T) {
	for name, tc := range map[string]struct {
		stdin  string
		args   []string
		status int
		want   string // on standard output, or standard error unless the status is 0
	}{
		"default":             {simpleValues, []string{"-f", "-"}, exitOK, "| `api.example.com:443` | HTTP | TLS, verified | `api.example.com` | public CAs | `api.default:80` | `api.example.com` | closed | all namespaces | \\<stdin\\>:2 |"},
		"as an argument":      {simpleValues, []string{"-"}, exitOK, "# Egress\n\n1 way out of the mesh: 1 verified.\n"},
		"named release":       {simpleValues, []string{"-f", "-", "--release-name", "shop"}, exitOK, "# Egress of release shop\n"},
		"csv":                 {simpleValues, []string{"-f", "-", "-o", "csv"}, exitOK, "api.example.com,,443,HTTP,api.default:80,*,,,,,,closed,verified,api.example.com,api.example.com,public CAs,,api.example.com,,externalNameServices[0],<stdin>,2\n"},
		"json":                {simpleValues, []string{"-f", "-", "-o", "json"}, exitOK, "\"apiVersion\": \"report.istio-egress/v1\""},
		"html":                {simpleValues, []string{"-f", "-", "-o", "html"}, exitOK, "<!doctype html>"},
		"mermaid":             {simpleValues, []string{"-f", "-", "-o", "mermaid"}, exitOK, "flowchart LR\n"},
		"set":                 {simpleValues, []string{"-f", "-", "--set", "externalNameServices[0].tls.insecureSkipVerify=true"}, exitOK, "**TLS, server not verified**"},
		"set alone":           {"", []string{"--set", "exportTo[0]=a"}, exitOK, "0 ways out of the mesh."},
		"release":             {simpleValues, []string{"--release", "team-a/one=-"}, exitOK, "`api.team-a:80`"},
		"manifests":           {wholeEntry, []string{"--manifests", "-"}, exitOK, "| `web.example.com:80` | HTTP | **plaintext** | `web.example.com:80` | all namespaces | \\<stdin\\>:2 |"},
		"no input":            {"", nil, exitFailed, "nothing to report: use -f values.yaml"},
		"missing file":        {"", []string{"-f", "no-such.yaml"}, exitFailed, "no-such.yaml: no such file"},
		"format":              {simpleValues, []string{"-f", "-", "-o", "xml"}, exitFailed, `unknown format "xml": want one of csv, html, json, md, mermaid`},
		"refused":             {wrongValues, []string{"-f", "-"}, exitRefused, "- <stdin>:3: externalNameServices[0].externalName: \"API.example.com\" has upper-case letters"},
		"no manifests":        {simpleValues, []string{"--manifests", "-"}, exitFailed, "-: no Kubernetes objects in it; values files are given with -f"},
		"wrong manifest":      {textPort, []string{"--manifests", "-"}, exitRefused, "<stdin>:4:59: spec.ports[0].number: \"5432\" is text"},
		"values as manifests": {simpleValues, []string{"-f", "-", "--manifests", "."}, exitFailed, "--manifests and --values (-f) do not go together"},
		"files and manifests": {"", []string{"a.yaml", "--manifests", "."}, exitFailed, "values files as arguments do not go with --manifests"},
		"files and releases":  {"", []string{"a.yaml", "--release", "a=b.yaml"}, exitFailed, "values files as arguments do not go with --release"},
		"namespace":           {simpleValues, []string{"-f", "-", "-n", "team.a"}, exitFailed, `namespace "team.a": no name that Kubernetes takes`},
		"other chart":         {"services: {}\n", []string{"-f", "-", "--chart", testChart}, exitFailed, "reports are for the istio-egress chart"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := execute(tc.stdin, append([]string{"report"}, tc.args...)...)
			got := stdout
			if tc.status != exitOK {
				got = stderr
			}
			if status != tc.status || !strings.Contains(got, tc.want) {
				t.Errorf("status %d, want %d; output:\n%s%s", status, tc.status, stdout, stderr)
			}
			if (stderr != "") != (tc.status != exitOK) || (stdout != "") != (tc.status == exitOK) {
				t.Errorf("standard error %q, output %q", stderr, stdout)
			}
		})
	}
}

// A report of several releases tells them apart, and one of a folder leaves out what is no object.
func TestReportOfSeveral(t *testing.T) {
	folder := folderOf(t, map[string]string{"a.yaml": simpleValues, "b.yaml": cleanValues, "deploy/web.yaml": wholeEntry, "deploy/data.yaml": "a: b\n"})
	_, stdout, stderr := execute("", "report", filepath.Join(folder, "a.yaml"), filepath.Join(folder, "b.yaml"), "-o", "csv")
	for _, want := range []string{"," + filepath.Join(folder, "a.yaml") + ",externalNameServices[0]", "," + filepath.Join(folder, "b.yaml") + ",externalNameServices[0]"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %s in\n%s%s", want, stdout, stderr)
		}
	}
	_, stdout, stderr = execute("", "report", "--release", "x="+filepath.Join(folder, "a.yaml"), "--release", "team/y="+filepath.Join(folder, "b.yaml"))
	for _, want := range []string{"# Egress of 2 releases\n", "| x |", "| team/y |", "`api.team:443`"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("no %s in\n%s%s", want, stdout, stderr)
		}
	}
	status, stdout, stderr := execute("", "report", "--manifests", filepath.Join(folder, "deploy"))
	if status != exitOK || !strings.Contains(stdout, "web.yaml:2") || stderr != "" {
		t.Errorf("status %d\n%s%s", status, stdout, stderr)
	}
}

// What manifests say and a report has no place for is told apart, and not left out in silence.
func TestReportOfManifestsTellsWhatItLeavesOut(t *testing.T) {
	const variable = "---\napiVersion: networking.istio.io/v1\nkind: ServiceEntry\nmetadata: {name: var, namespace: shop}\nspec: {hosts: [var.example.com], resolution: DNS, ports: [{number: \"${PORT}\", name: http, protocol: HTTP}]}\n"
	status, stdout, stderr := execute(wholeEntry+"---\n"+wholeEntry+variable, "report", "--manifests", "-")
	for _, want := range []string{"which another ServiceEntry of web.example.com has as well", "ServiceEntry shop/var: values that are variables here"} {
		if !strings.Contains(stderr, "not in the report: <stdin>:") || !strings.Contains(stderr, want) || !strings.Contains(stdout, "Not told above") {
			t.Errorf("status %d: no %q in\n%s%s", status, want, stdout, stderr)
		}
	}
}

// folderOf writes files into a new folder.
func folderOf(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
