package lint_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/render"
)

// files writes values files into an empty directory and changes to it, so that findings name them plainly.
func files(t *testing.T, texts map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, text := range texts {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func lintFiles(t *testing.T, options lint.Options, values render.ValuesOptions) []string {
	t.Helper()
	findings, err := lint.Releases(load(t), []lint.Release{{Values: values}}, options)
	if err != nil {
		t.Fatal(err)
	}
	return lines(findings)
}

// lines are findings as "place id (other places)".
func lines(findings []lint.Finding) []string {
	var all []string
	for _, finding := range findings {
		line := fmt.Sprintf("%s %s", finding.Position, finding.ID)
		for _, related := range finding.Related {
			line += fmt.Sprintf(" (%s)", related.Position)
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

const planted = `# Services of team A
exportTo: ["."]
externalNameServices:
  - name: first
    externalName: first.example.com
    ports: [{name: http, port: 80, targetPort: 443}, {name: https, port: 443}]
    tls: &simple
      mode: SIMPEL # misspelled
  - name: second # the same anchor
    externalName: Second.example.com
    ports:
      - name: https
        port: 443
        prot: TLS
    tls: *simple
  -
    # a comment
    name: third
    externalName: third.example.com
    ports:
      - {name: http, port: 80, targetPort: 443}
    tls:
      mode: MUTUAL
      credentialName: "c"
  - name: third
    externalName: "fourth.example.com"
    tls: {mode: DISABLE}
endpointServices:
  wiki:
    addresses:
      - 192.0.2.1
      - 127.0.0.1
    ports: [{name: https, port: 443}]
    tls: {mode: SIMPLE}
  "Bad Name":
    addresses: [192.0.2.1]
    ports: [{name: https, port: "443"}]
    tls: {mode: DISABLE}
`

var plantedPlaces = []string{
	"values.yaml:8:13 schema-enum",
	"values.yaml:8:13 schema-enum (values.yaml:15:10)",
	"values.yaml:10:19 external-name-upper-case",
	"values.yaml:14:9 schema-unknown-field",
	"values.yaml:24:23 credential-name-selector",
	"values.yaml:25:5 name-twice (values.yaml:18:5)",
	"values.yaml:25:5 schema-required",
	"values.yaml:29:3 server-name-missing (values.yaml:34:5)",
	"values.yaml:32:9 address-loopback",
	"values.yaml:33:13 tls-twice (values.yaml:34:11)",
	"values.yaml:35:3 schema-pattern",
}

func TestEveryPlantedFaultInOneRun(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"as it is": func(text string) string { return text },
		"CRLF":     func(text string) string { return strings.ReplaceAll(text, "\n", "\r\n") },
		"BOM":      func(text string) string { return "\uFEFF" + text },
		"---":      func(text string) string { return strings.Replace(text, "# Services of team A", "---", 1) },
	} {
		t.Run(name, func(t *testing.T) {
			files(t, map[string]string{"values.yaml": change(planted)})
			expect(t, lintFiles(t, lint.Options{}, render.ValuesOptions{Files: []string{"values.yaml"}}), plantedPlaces...)
		})
	}
}

func TestPlacesInMergedFiles(t *testing.T) {
	files(t, map[string]string{
		"base.yaml": "externalNameServices:\n  api:\n    externalName: api.example.com\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n  gone: {externalName: BAD}\n",
		"team.yaml": "externalNameServices:\n  api:\n    tls:\n      credentialName: c\n  gone: null\n",
	})
	expect(t, lintFiles(t, lint.Options{}, render.ValuesOptions{
		Files: []string{"base.yaml", "team.yaml"},
		Set:   []string{"externalNameServices.api.rewriteHost=maybe"}, SetJSON: []string{`exportTo=["."]`},
	}),
		"team.yaml:4:23 credential-name-selector",
		"--set externalNameServices.api.rewriteHost=maybe schema-type",
	)
}

// The message repeats what stands in the file, where it is the file that counts.
func TestWordsWithoutQuotes(t *testing.T) {
	files(t, map[string]string{
		"values.yaml": "exportTo: [on]\nexternalNameServices:\n  - name: &name n\n    namespace: *name\n    externalName: y\n    ports: [{name: 0x10, port: 443}]\n    tls: {mode: OFF}\n",
	})
	messages := func(values render.ValuesOptions) string {
		values.Files = []string{"values.yaml"}
		findings, err := lint.Releases(load(t), []lint.Release{{Values: values}}, lint.Options{})
		if err != nil {
			t.Fatal(err)
		}
		var all string
		for _, finding := range findings {
			all += fmt.Sprintf("%s %s\n", finding.Position, finding.Message)
		}
		return all
	}
	got := messages(render.ValuesOptions{})
	for _, want := range []string{
		`values.yaml:1:12 must be a string, and on without quotes is the boolean true, so write "on"`,
		`values.yaml:3:11 must be a string, and n without quotes is the boolean false, so write "n"`,
		`values.yaml:4:16 must be a string, and n without quotes is the boolean false, so write "n"`,
		`values.yaml:5:19 must be a string, and y without quotes is the boolean true: write one such as externalName: api.example.com`,
		`values.yaml:6:20 must be a string, and 0x10 without quotes is the number 16, so write "0x10"`,
		`values.yaml:7:17 must be DISABLE, SIMPLE or MUTUAL, and OFF without quotes is the boolean false: write DISABLE`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got\n%swant %s", got, want)
		}
	}
	const ofFlag = "--set exportTo[0]=true must be a string, not the boolean true (as y, yes and on without quotes are), so write it in quotes, or set it by --set-string"
	if got := messages(render.ValuesOptions{Set: []string{"exportTo[0]=true"}}); !strings.Contains(got, ofFlag) {
		t.Errorf("got\n%swant %s", got, ofFlag)
	}
}

func TestOctalNumbers(t *testing.T) {
	const text = "externalNameServices:\n  - name: api\n    externalName: api.example.com\n    ports: [{name: https, port: 0443}]\n    tls: {mode: DISABLE}\n"
	values := render.ValuesOptions{Files: []string{"values.yaml"}}
	files(t, map[string]string{"values.yaml": text})
	expect(t, lintFiles(t, lint.Options{}, values), "values.yaml:4:33 yaml-octal")
	expect(t, lintFiles(t, lint.Options{Disable: []string{"yaml-octal"}}, values))
	files(t, map[string]string{"values.yaml": strings.Replace(text, "]\n", "] # lint:ignore yaml-octal 291 is meant\n", 1)})
	expect(t, lintFiles(t, lint.Options{}, values))
	files(t, map[string]string{"values.yaml": text + "- b\n"}) // a file that cannot be read says only that
	expect(t, lintFiles(t, lint.Options{}, values), "values.yaml:6:1 yaml-syntax")
}

func TestValuesInMemory(t *testing.T) {
	findings, err := lint.Values(load(t), map[string]any{"externalNameServices": []any{map[string]any{"name": "api"}}}, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(findings) == 0 || findings[0].Path == "" || findings[0].Position.String() != "" {
		t.Errorf("got %+v, want findings with paths and without places", findings)
	}
	if findings, err := lint.Values(load(t), nil, lint.Options{}); err != nil || len(findings) > 0 {
		t.Errorf("no values at all: %v, %v", findings, err)
	}
}

func TestNotValues(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"broken":        {"a: [\n", "values.yaml:2:1 yaml-syntax"},
		"documents":     {"exportTo: [\".\"]\n---\nexportTo: []\n", "values.yaml:3:1 yaml-documents"},
		"empty":         {"", "values.yaml:1:1 yaml-empty"},
		"comments":      {"# nothing\n", "values.yaml:1:1 yaml-empty"},
		"list":          {"- a\n", "values.yaml:1:1 yaml-shape"},
		"tab":           {"exportTo:\n\t- a\n", "values.yaml:2:1 yaml-syntax"},
		"NaN":           {"global: {a: .nan}\n", "values.yaml:1:13 yaml-number"},
		"number as key": {"global: {1: a}\n", "values.yaml:1:10 yaml-key"},
		"cycle":         {"global: &a {b: *a}\n", "values.yaml:1:16 yaml-syntax"},
	} {
		t.Run(name, func(t *testing.T) {
			files(t, map[string]string{"values.yaml": test.text})
			expect(t, lintFiles(t, lint.Options{}, render.ValuesOptions{Files: []string{"values.yaml"}}), test.want)
		})
	}
}

func TestCannotLint(t *testing.T) {
	files(t, map[string]string{"values.yaml": "{}\n"})
	for want, test := range map[string]struct {
		values  render.ValuesOptions
		options lint.Options
	}{
		"no-such.yaml: no such file":                 {values: render.ValuesOptions{Files: []string{"no-such.yaml"}}},
		".: is a directory, want a file":             {values: render.ValuesOptions{Files: []string{"."}}},
		"failed parsing --set data a":                {values: render.ValuesOptions{Files: []string{"values.yaml"}, Set: []string{"a"}}},
		`disable: "no-effekt": no such id; did you`:  {values: render.ValuesOptions{Files: []string{"values.yaml"}}, options: lint.Options{Disable: []string{"no-effekt"}}},
		"disable: tls-twice is refused by the chart": {values: render.ValuesOptions{Files: []string{"values.yaml"}}, options: lint.Options{Disable: []string{"tls-twice"}}},
	} {
		_, err := lint.Releases(load(t), []lint.Release{{Values: test.values}}, test.options)
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

const quiet = `externalNameServices:
  # lint:ignore rewrite-host-off the workloads set Host
  - name: above
    externalName: above.example.com
    rewriteHost: false
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
  - name: beside
    externalName: beside.example.com
    rewriteHost: false # lint:ignore rewrite-host-off the workloads set Host
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE}
  - name: not-the-next
    externalName: next.example.com
    rewriteHost: false
    ports: [{name: http, port: 80, targetPort: 443}]
    annotations:
      note: "a # lint:ignore rewrite-host-off that is text"
      text: |
        # lint:ignore rewrite-host-off text as well
    tls: {mode: SIMPLE}
  - name: wrong # lint:ignore tls-twice cannot be
    externalName: wrong.example.com
    ports: [{name: https, port: 443}]
    tls: {mode: SIMPLE}
  - name: unknown
    externalName: unknown.example.com # lint:ignore no-such-thing for no reason
    ports: [{name: https, port: 443}]
    tls: {mode: DISABLE} # lint:ignore
  # lint:ignore insecure-skip-verify
  - name: without-reason
    externalName: without.example.com
    ports: [{name: http, port: 80, targetPort: 443}]
    tls: {mode: SIMPLE, insecureSkipVerify: true}
`

func TestIgnoreComments(t *testing.T) {
	files(t, map[string]string{"values.yaml": quiet})
	expect(t, lintFiles(t, lint.Options{}, render.ValuesOptions{Files: []string{"values.yaml"}}),
		"values.yaml:15:18 rewrite-host-off (values.yaml:21:11)",
		"values.yaml:22:17 ignore-unused",
		"values.yaml:24:13 tls-twice (values.yaml:25:11)",
		"values.yaml:27:39 ignore-unused",
		"values.yaml:29:26 ignore-unused",
		"values.yaml:30:3 ignore-without-reason",
	)
}

func TestDisable(t *testing.T) {
	files(t, map[string]string{"values.yaml": quiet})
	got := lintFiles(t, lint.Options{Disable: []string{"rewrite-host-off", "ignore-unused", "ignore-without-reason"}}, render.ValuesOptions{Files: []string{"values.yaml"}})
	expect(t, got, "values.yaml:24:13 tls-twice (values.yaml:25:11)")
}

func TestReleasesAgainstEachOther(t *testing.T) {
	files(t, map[string]string{
		"a.yaml": "serviceType: ExternalName\nexternalNameServices:\n  - name: api\n    externalName: api.example.com\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n  - name: same\n    externalName: same.example.com\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n",
		"b.yaml": "exportTo: [team-x]\nexternalNameServices:\n  api:\n    externalName: other.example.com\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n  api-too:\n    externalName: api.example.com\n    exportTo: ['*']\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: DISABLE}\n  same-too:\n    externalName: same.example.com\n    exportTo: ['*']\n    ports: [{name: https, port: 443}]\n    tls: {mode: DISABLE}\n",
		"c.yaml": "serviceType: ExternalName\nexternalNameServices:\n  - name: api\n    externalName: api.example.com\n    ports: [{name: http, port: 80, targetPort: 8443}]\n    tls: {mode: SIMPLE}\n",
	})
	release := func(label, namespace, file string) lint.Release {
		return lint.Release{Label: label, Options: render.Options{ReleaseName: "egress", Namespace: namespace}, Values: render.ValuesOptions{Files: []string{file}}}
	}
	findings, err := lint.Releases(load(t), []lint.Release{release("a", "default", "a.yaml"), release("b", "default", "b.yaml"), release("team-c/c", "team-c", "c.yaml")}, lint.Options{})
	if err != nil {
		t.Fatal(err)
	}
	expect(t, lines(findings),
		"a.yaml:1:14 fails-open (a.yaml:3:5)",
		"b.yaml:3:3 release-object-twice (a.yaml:3:5)",
		"b.yaml:11:5 release-host-conflict (a.yaml:6:5)",
		"b.yaml:11:17 plaintext-to-tls-port (b.yaml:10:13)",
		"b.yaml:12:3 release-object-twice (a.yaml:7:5)",
		"c.yaml:1:14 fails-open (c.yaml:3:5)",
		"c.yaml:5:13 host-in-other-namespace (a.yaml:5:13)",
	)
}

// Declarations of a host that mean the same are no conflict, however they are written.
func TestNoConflictBetweenTheSame(t *testing.T) {
	const alias = "serviceType: ExternalName\nexternalNameServices:\n  - name: %s\n    externalName: db.example.com\n    %s\n"
	for name, test := range map[string]struct{ a, b string }{
		"a port that Istio knows by its number": {
			"addresses: [192.0.2.1]\n    ports: [{name: db, port: 3306}]\n    tls: {mode: DISABLE}",
			"addresses: [192.0.2.1]\n    ports: [{name: tcp-db, port: 3306}]\n    tls: {mode: DISABLE}",
		},
		"a default written out": {
			"ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}",
			"ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE, sni: db.example.com, subjectAltNames: [db.example.com]}",
		},
		"a target port written out": {
			"ports: [{name: http, port: 80}]\n    tls: {mode: DISABLE}",
			"ports: [{name: http-web, port: 80, targetPort: 80}]\n    tls: {mode: DISABLE}",
		},
	} {
		t.Run(name, func(t *testing.T) {
			files(t, map[string]string{"a.yaml": fmt.Sprintf(alias, "a", test.a), "b.yaml": fmt.Sprintf(alias, "b", test.b)})
			for _, namespace := range []string{"team-a", "team-b"} {
				findings := lintBeside(t, namespace)
				var want []string
				if namespace == "team-a" { // the object is rendered twice, and that is all
					want = []string{"b.yaml:3:5 release-object-twice (a.yaml:3:5)"}
				}
				expect(t, lines(findings), want...)
			}
		})
	}
}

func TestOwnNamespaceByItsName(t *testing.T) {
	files(t, map[string]string{"values.yaml": `externalNameServices:
  - {name: a, namespace: team-a, externalName: api.example.com, exportTo: ["."], ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
  - {name: b, namespace: team-a, externalName: api.example.com, exportTo: [team-a], ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
`})
	expect(t, lintFiles(t, lint.Options{}, render.ValuesOptions{Files: []string{"values.yaml"}}))
}

// Linting for which nobody waits any more ends, with the context's cause.
func TestContextEndsLinting(t *testing.T) {
	files(t, map[string]string{"v.yaml": planted})
	why := errors.New("nobody waits")
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(why)
	for name, release := range map[string]lint.Release{
		"files":  {Values: render.ValuesOptions{Files: []string{"v.yaml"}}},
		"values": {Map: map[string]any{"exportTo": "all"}},
	} {
		if findings, err := lint.ReleasesContext(ended, load(t), []lint.Release{release}, lint.Options{}); !errors.Is(err, why) || findings != nil {
			t.Errorf("%s: %v, %v", name, findings, err)
		}
	}
}

// lintBeside lints the release of a.yaml in namespace team-a, and that of b.yaml in another or the same, against each other.
func lintBeside(t *testing.T, namespace string) []lint.Finding {
	t.Helper()
	findings, err := lint.Releases(load(t), []lint.Release{
		{Label: "a", Options: render.Options{Namespace: "team-a"}, Values: render.ValuesOptions{Files: []string{"a.yaml"}}},
		{Label: "b", Options: render.Options{Namespace: namespace}, Values: render.ValuesOptions{Files: []string{"b.yaml"}}},
	}, lint.Options{Disable: []string{"fails-open"}})
	if err != nil {
		t.Fatal(err)
	}
	return findings
}
