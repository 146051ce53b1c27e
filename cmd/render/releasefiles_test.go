package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// writeFiles writes files into a new working directory.
func writeFiles(t *testing.T, files map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLintRepository(t *testing.T) {
	const parent = "replicas: 2\npayments:\n  externalNameServices:\n    - {name: api, externalName: API.example.com, ports: [{name: https, port: 443}], tls: {mode: DISABLE}}\n"
	for name, tc := range map[string]struct {
		files  map[string]string
		args   string
		status int
		want   string
	}{
		"folder": {map[string]string{"egress/a/values.yaml": cleanValues, "egress/b.yml": wrongValues, "egress/deploy.yaml": "kind: Deployment\n", "egress/README.md": "externalNameServices:"},
			"egress", exitRefused, "egress/b.yml:3:19: error: externalNameServices[0].externalName: \"API"},
		"folder of variants": {map[string]string{"e/dev.yaml": cleanValues, "e/prod.yaml": cleanValues}, "e", exitOK, "no problems in e/dev.yaml, e/prod.yaml\n"},
		"folder of others":   {map[string]string{"e/deploy.yaml": "kind: Deployment\n"}, "e", exitFailed, "e: no file in it has externalNameServices, endpointServices or externalHosts; Kubernetes objects are linted by --manifests e"},
		"pattern, other namespaces": {map[string]string{"e/a/team-a/values.yaml": cleanValues, "e/b/team-b/values.yaml": cleanValues},
			"--release-pattern e/*/{namespace}/values.yaml", exitOK, "no problems in e/a/team-a/values.yaml, e/b/team-b/values.yaml\n"},
		"pattern, same namespace": {map[string]string{"e/a/team-a/values.yaml": cleanValues, "e/b/team-a/values.yaml": cleanValues},
			"--release-pattern e/*/{namespace}/values.yaml", exitRefused, "is rendered by release e/a/team-a/values.yaml already"},
		"pattern with releases": {map[string]string{"e/team-a/x/1.yaml": cleanValues, "e/team-a/x/2.yaml": "exportTo: [\".\"]\n", "e/team-a/y/1.yaml": cleanValues},
			"--release-pattern e/{namespace}/{release}/*.yaml", exitRefused, "e/team-a/y/1.yaml:2:5: error: team-a/y: externalNameServices[0]: Service team-a/api is rendered by release team-a/x already"},
		"pattern of any depth":      {map[string]string{"e/x/y/api.yaml": cleanValues, "e/z.yaml": "nonsense: 1\n"}, "--release-pattern e/**/api.yaml", exitOK, "no problems in e/x/y/api.yaml\n"},
		"pattern without files":     {map[string]string{"e/x.yaml": cleanValues}, "--release-pattern e/*/values.yaml", exitFailed, "no file matches"},
		"pattern with other names":  {nil, "--release-pattern e/{team}/values.yaml", exitFailed, "{team} is not known: write {namespace}, {release}, * or **"},
		"pattern and files":         {map[string]string{"a.yaml": cleanValues}, "a.yaml --release-pattern *.yaml", exitFailed, "--release-pattern names all files"},
		"parent chart":              {map[string]string{"values.yaml": parent}, "-f values.yaml", exitRefused, "values.yaml:2:1: error: payments: these are the values of a parent chart, and this chart's own stand under payments: lint those by --key payments"},
		"key":                       {map[string]string{"values.yaml": parent}, "-f values.yaml --key payments", exitRefused, "values.yaml:4:33: error: payments.externalNameServices[0].externalName: "},
		"key of nothing":            {map[string]string{"values.yaml": parent}, "-f values.yaml --key billing", exitFailed, "no values under billing: write the name under which the parent chart has its dependency; the file has payments and replicas"},
		"keys, against each other":  {map[string]string{"values.yaml": "a: &a\n  " + strings.ReplaceAll(cleanValues, "\n", "\n  ") + "\nb: *a\n"}, "-f values.yaml --key a --key b", exitRefused, "Service default/api is rendered by release a already"},
		"configured":                {map[string]string{"v.yaml": warningValues, configFile: "strict: true\n"}, "-f v.yaml", exitRefused, "(warnings fail: --strict)"},
		"configured, flag wins":     {map[string]string{"v.yaml": warningValues, configFile: "strict: true\n"}, "-f v.yaml --strict=false", exitOK, "1 warning in v.yaml\n"},
		"configured to disable":     {map[string]string{"v.yaml": warningValues, configFile: "disable: [{id: rewrite-host-off, reason: the workloads set Host}]\n"}, "-f v.yaml --strict", exitOK, "no problems"},
		"configured without reason": {map[string]string{"v.yaml": warningValues, configFile: "disable: [{id: rewrite-host-off}]\n"}, "-f v.yaml", exitFailed, configFile + ":1:1: disable must be a list of {id: ID, reason: why}"},
		"configured pattern":        {map[string]string{"e/team-a/v.yaml": wrongValues, configFile: "releasePattern: e/{namespace}/v.yaml\n"}, "", exitRefused, "e/team-a/v.yaml:3:19: error: "},
		"configured keys":           {map[string]string{"values.yaml": parent, configFile: "keys: [payments]\n"}, "values.yaml", exitRefused, "values.yaml:4:33"},
		"configured for Istio":      {map[string]string{"v.yaml": newerValues, configFile: "istio: \"1.31\"\n"}, "-f v.yaml", exitOK, "no problems"},
		"configured, older flag":    {map[string]string{"v.yaml": newerValues, configFile: "istio: \"1.31\"\n"}, "-f v.yaml --istio 1.30", exitOK, "1 warning in v.yaml\n"},
		"configured by a number":    {map[string]string{configFile: "istio: 1.30\n"}, "-f v.yaml", exitFailed, configFile + `:1:1: istio must be a supported version in quotes, as 1.30 is the number 1.3 without them: 1.30, 1.31 or 1.32`},
		"configured, wrong flag":    {map[string]string{"v.yaml": cleanValues, configFile: "istio: \"1.31\"\n"}, "-f v.yaml --disable nonsense", exitFailed, `Error: disable: "nonsense": no such id`},
		"configured wrongly":        {map[string]string{configFile: "strct: true\n"}, "-f v.yaml", exitFailed, configFile + `:1:1: unknown field "strct": did you mean "strict"?`},
		"configured by a text":      {map[string]string{configFile: "strict: yep\n"}, "-f v.yaml", exitFailed, configFile + ":1:1: strict must be true or false"},
	} {
		t.Run(name, func(t *testing.T) {
			writeFiles(t, tc.files)
			status, stdout, stderr := execute("", append([]string{"lint"}, strings.Fields(tc.args)...)...)
			if status != tc.status || !strings.Contains(stdout+stderr, tc.want) {
				t.Errorf("status %d\n%s%swant %d: %s", status, stdout, stderr, tc.status, tc.want)
			}
		})
	}
}

// Several formats come of one run, one of them on standard output.
func TestLintSeveralFormats(t *testing.T) {
	writeFiles(t, map[string]string{"v.yaml": wrongValues})
	status, stdout, stderr := execute("", "lint", "-f", "v.yaml", "--format", "text", "--format", "sarif=lint.sarif", "--format", "gitlab=quality.json", "--format", "junit=lint.xml")
	if status != exitRefused || stderr != "" || !strings.HasPrefix(stdout, "v.yaml:3:19: error: ") {
		t.Fatalf("status %d: %s%s", status, stdout, stderr)
	}
	for file, want := range map[string]string{"lint.sarif": `"2.1.0"`, "quality.json": `"check_name": "external-name-upper-case"`, "lint.xml": `<testsuites name="istio-egress lint" tests="1" failures="1"`} {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v\n%s", file, err, text)
		}
	}
	for args, want := range map[string]string{
		"--format text --format json":     "one format alone goes to standard output",
		"--format sarif=":                 "write the name of a file after the =",
		"--format json=a --format text=a": "another format goes to that file already",
		"--format json=no/such/folder":    "no such file or directory",
	} {
		status, _, stderr := execute("", append([]string{"lint", "-f", "v.yaml"}, strings.Fields(args)...)...)
		if status != exitFailed || !strings.Contains(stderr, want) {
			t.Errorf("%s: status %d: %s", args, status, stderr)
		}
	}
	if _, stdout, _ := execute(cleanValues, "lint", "-f", "-", "--quiet"); stdout != "" {
		t.Errorf("--quiet prints %q", stdout)
	}
}
