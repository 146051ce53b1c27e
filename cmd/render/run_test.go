package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/golden"
)

const testChart = "../../render/testdata/charts/objects"

// execute runs a command line in-process.
func execute(stdin string, args ...string) (status int, stdout, stderr string) {
	var out, err bytes.Buffer
	status = run(append([]string{}, args...), streams{in: strings.NewReader(stdin), out: &out, err: &err})
	return status, out.String(), err.String()
}

func TestRenderPrintsManifests(t *testing.T) {
	const stdin = "services:\n  from-stdin: {port: 8080}\n"
	for name, args := range map[string][]string{
		"stdin.yaml":        {"-f", "-"},
		"set.yaml":          {"--set", "services.other.port=81", "-n", "team-a"},
		"show-only.yaml":    {"-f", "-", "--show-only", "templates/service.yaml"},
		"show-glob.yaml":    {"-f", "-", "-s", "templates/service*.yaml"},
		"notes.txt":         {"-f", "-", "--notes", "--release-name", "egress"},
		"null-default.yaml": {"-f", "-", "--set", "services.default-http=null"},
		"set-json.yaml":     {"--set-json", `services={"json":{"port":82}}`},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := execute(stdin, append(args, "--chart", testChart)...)
			if status != exitOK || stderr != "" {
				t.Fatalf("status %d: %s", status, stderr)
			}
			golden.Equal(t, filepath.Join("testdata", name), stdout)
		})
	}
}

func TestRenderCannotRun(t *testing.T) {
	for name, tc := range map[string]struct {
		stdin string
		args  []string
		want  string
	}{
		"no input":       {args: nil, want: "no values given: use -f values.yaml"},
		"unknown flag":   {args: []string{"--valuez", "x"}, want: "unknown flag --valuez: did you mean --values?"},
		"missing file":   {args: []string{"-f", "no-such.yaml"}, want: "no-such.yaml: no such file"},
		"directory":      {args: []string{"-f", "testdata"}, want: "testdata: is a directory, want a file"},
		"file as arg":    {args: []string{"run.go"}, want: "values files are given with -f run.go"},
		"unknown arg":    {args: []string{"lnt"}, want: `unknown command "lnt"`},
		"broken YAML":    {args: []string{"-f", "-"}, stdin: "a: 1\nb: [\n", want: "<stdin>: line 3: not YAML: "},
		"null as a key":  {args: []string{"-f", "-"}, stdin: "null: {a: 1}\n", want: "<stdin>: line 1: null is not a string for YAML (Helm reads a number, a yes or no, or nothing): write it in quotes, \"null\""},
		"empty stdin":    {args: []string{"-f", "-"}, stdin: "", want: "<stdin>: the file is empty"},
		"comments only":  {args: []string{"-f", "-"}, stdin: "# nothing\n", want: "<stdin>: there are no values in it"},
		"a list":         {args: []string{"-f", "-"}, stdin: "- a\n", want: "values are a map of names to values, not a list"},
		"two documents":  {args: []string{"-f", "-"}, stdin: "a: 1\n---\nb: 1\n", want: "<stdin>: line 3: a second YAML document"},
		"broken set":     {args: []string{"--set", "a"}, want: "failed parsing --set data a"},
		"missing chart":  {args: []string{"--set", "a=b", "--chart", "no-such-chart"}, want: "no-such-chart"},
		"kube version":   {args: []string{"--set", "a=b", "--kube-version", "new"}, want: `kube version "new": `},
		"old cluster":    {args: []string{"--set", "a=b", "--kube-version", "1.20"}, want: "chart requires kubeVersion: >=1.29.0-0"},
		"release name":   {args: []string{"--set", "a=b", "--release-name", "A_B"}, want: `release name "A_B"`},
		"namespace":      {args: []string{"--set", "a=b", "-n", "Bad_ns"}, want: `namespace "Bad_ns": no name that Kubernetes takes: write lower-case`},
		"long namespace": {args: []string{"--set", "a=b", "-n", strings.Repeat("a", 64)}, want: "at most 63 characters"},
		"show-only":      {args: []string{"--set", "a=b", "-s", "templates/none.yaml"}, want: "could not find template templates/none.yaml in chart"},
		"set-file":       {args: []string{"--set-file", "a=no-such.txt"}, want: "no-such.txt: no such file"},
		"stdin twice":    {args: []string{"-f", "-", "-f", "-"}, stdin: "a: b\n", want: "<stdin>: it is given more than once"},
		"notes and only": {args: []string{"--set", "a=b", "--notes", "-s", "x"}, want: "--notes and --show-only (-s) do not go together: --notes prints NOTES.txt and no manifests; leave one of them out"},
		"notes and dir":  {args: []string{"--set", "a=b", "--notes", "--output-dir", "x"}, want: "--notes and --output-dir do not go together"},
	} {
		t.Run(name, func(t *testing.T) {
			args := tc.args
			if !strings.Contains(strings.Join(args, " "), "--chart") && len(args) > 0 {
				args = append([]string{"--chart", testChart}, args...)
			}
			status, stdout, stderr := execute(tc.stdin, args...)
			if status != exitFailed {
				t.Errorf("status %d, want %d", status, exitFailed)
			}
			if stdout != "" {
				t.Errorf("standard output is not empty: %s", stdout)
			}
			if !strings.HasPrefix(stderr, "Error: ") || strings.Count(stderr, "\n") != 1 || !strings.Contains(stderr, tc.want) {
				t.Errorf("standard error %q, want one line with %q", stderr, tc.want)
			}
		})
	}
}

func TestRenderRefusesValues(t *testing.T) {
	entry := "externalNameServices.api={\"externalName\":\"API.example.com\",\"ports\":[{\"name\":\"http\",\"port\":80}],\"tls\":{\"mode\":\"DISABLE\"}}"
	for name, tc := range map[string]struct {
		args []string
		want []string
	}{
		"templates": {
			[]string{"--set-json", entry},
			[]string{"the chart refuses these values (1 problem):\n", "- --set-json externalNameServices.api={", "…: externalNameServices.api.externalName: ", "[external-name-upper-case]\n"},
		},
		"schema, and all else": {
			[]string{"--set-json", entry, "--set", "endpointKind=ServiceEntry"},
			[]string{
				"values don't meet the specifications of the schema(s)", "additional properties 'endpointKind' not allowed",
				"- --set endpointKind=ServiceEntry: endpointKind: unknown field \"endpointKind\": did you mean \"endpointsKind\"? [schema-unknown-field]\n",
				": externalNameServices.api.externalName: ", "[external-name-upper-case]\n", "\n\nIn helm's words:\n",
			},
		},
		"another chart": {
			[]string{"--chart", testChart, "--set", "services.bad.port=none", "--set", "services.worse=1"},
			[]string{"/services/worse", "/services/bad/port", ": services.bad.port: must be a whole number", ": services.worse: must be a map"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := execute("", tc.args...)
			if status != exitRefused || stdout != "" || !strings.HasPrefix(stderr, "Error: ") {
				t.Errorf("status %d, output %q, errors %q", status, stdout, stderr)
			}
			for _, want := range tc.want {
				if !strings.Contains(stderr, want) {
					t.Errorf("errors %s, want %s", stderr, want)
				}
			}
		})
	}
}

// A refusal names the lines of the files, in their order, and repeats no key.
func TestRefusalHasPlaces(t *testing.T) {
	writeFiles(t, map[string]string{"v.yaml": wrongValues + "exportTo: all\nendpointServices:\n  - name: a\n    addresses: [192.0.2.1]\n    ports: [{name: https, port: 443}]\n    tls:\n      mode: SIMPLE\n      caCertificates: |\n        -----BEGIN CERTIFICATE-----\n        c2VjcmV0\n"})
	status, _, stderr := execute("", "-f", "v.yaml")
	if status != exitRefused || strings.Contains(stderr, "c2VjcmV0") {
		t.Errorf("status %d: %s", status, stderr)
	}
	before := -1
	for _, want := range []string{"- v.yaml:3:19: externalNameServices[0].externalName: ", "- v.yaml:6:11: exportTo: must be a list", "- v.yaml:13:23: endpointServices[0].tls.caCertificates: holds a certificate itself", "In helm's words:"} {
		at := strings.Index(stderr, want)
		if at <= before {
			t.Errorf("%s\nwant in this order %s", stderr, want)
		}
		before = at
	}
}

// What the chart's own checks say repeats no key either.
func TestRefusalRepeatsNoKey(t *testing.T) {
	const entry = "externalNameServices.api={\"externalName\":\"-----BEGIN PRIVATE KEY-----\\nc2VjcmV0\\n-----END PRIVATE KEY-----\",\"ports\":[{\"name\":\"http\",\"port\":80}],\"tls\":{\"mode\":\"DISABLE\"}}"
	status, stdout, stderr := execute("externalNameServices: {api: "+strings.TrimPrefix(entry, "externalNameServices.api=")+"}", "-f", "-")
	if status != exitRefused || strings.Contains(stdout+stderr, "c2VjcmV0") || !strings.Contains(stderr, "not shown") {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}

func TestVersion(t *testing.T) {
	status, stdout, _ := execute("", "--version")
	if status != exitOK || !strings.HasPrefix(stdout, "render ") || !strings.Contains(stdout, "istio-egress") {
		t.Errorf("status %d: %s", status, stdout)
	}
}

func TestCompletion(t *testing.T) {
	status, stdout, _ := execute("", "__complete", "--out")
	if status != exitOK || !strings.Contains(stdout, "--output-dir") {
		t.Errorf("status %d: %s", status, stdout)
	}
}

// The examples are golden files: what they render to stands beside them.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob("../../examples/*/rendered.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("examples %v, %v", files, err)
	}
	for _, file := range files {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			status, stdout, stderr := execute("", "-f", filepath.Join(dir, "values.yaml"))
			if status != exitOK {
				t.Fatalf("status %d: %s", status, stderr)
			}
			golden.Equal(t, file, stdout)
		})
	}
}
