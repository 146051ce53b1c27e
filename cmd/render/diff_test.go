package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const (
	unverifiedValues = "# unverified\nexternalNameServices:\n  - name: api\n    externalName: api.example.com\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE, insecureSkipVerify: true}\n"
	asMapValues      = "commonLabels: {a: b}\nexternalNameServices:\n  api:\n    externalName: api.example.com\n    ports: [{name: http, port: 80, targetPort: 443}]\n    tls: {mode: SIMPLE}\n"
)

func TestDiffStatus(t *testing.T) {
	folder := folderOf(t, map[string]string{
		"a.yaml": simpleValues, "b.yaml": unverifiedValues, "map.yaml": asMapValues, "wrong.yaml": wrongValues, "none.yaml": "{}\n",
		"web.yaml": wholeEntry, "later/web.yaml": strings.ReplaceAll(wholeEntry, "80", "8080"),
	})
	a, b := filepath.Join(folder, "a.yaml"), filepath.Join(folder, "b.yaml")
	file := func(name string) string { return filepath.Join(folder, name) }
	weaker := "~ weaker    api.example.com:443 as api.default:80: TLS weakened: TLS, verified -> TLS, server not verified  [" + a + ":5 -> " + b + ":6]\n1 change, 1 to review\n"
	for name, tc := range map[string]struct {
		args   []string
		status int
		want   string // on standard output, or standard error for status 2; empty for nothing at all
	}{
		"the same":               {[]string{a, a}, exitOK, ""},
		"the same in Markdown":   {[]string{a, a, "-o", "md"}, exitOK, ""},
		"the same in JSON":       {[]string{a, a, "-o", "json"}, exitOK, ""},
		"list and map, labels":   {[]string{a, file("map.yaml")}, exitOK, ""},
		"weaker":                 {[]string{a, b}, exitRefused, weaker},
		"stronger":               {[]string{b, a}, exitRefused, "~ stronger  api.example.com:443"},
		"new":                    {[]string{file("none.yaml"), a}, exitRefused, "+ wider     api.example.com:443 as api.default:80: reachable: TLS, verified, from all namespaces  [" + a + ":2]\n"},
		"gone":                   {[]string{a, file("none.yaml")}, exitRefused, "- narrower  api.example.com:443 as api.default:80: gone: it was"},
		"Markdown":               {[]string{a, b, "-o", "md"}, exitRefused, "### Egress: 1 change, 1 to review\n\n| | server | called as | change | before | after |\n"},
		"JSON":                   {[]string{a, b, "-o", "json"}, exitRefused, `"apiVersion": "diff.istio-egress/v1"`},
		"fail on weaker":         {[]string{a, b, "--fail-on", "weaker,wider"}, exitRefused, weaker},
		"fail on others":         {[]string{b, a, "--fail-on", "weaker,wider"}, exitOK, "~ stronger"},
		"fail on several":        {[]string{b, a, "--fail-on", "weaker", "--fail-on", "stronger"}, exitRefused, "~ stronger"},
		"fail on none":           {[]string{a, b, "--fail-on", "none"}, exitOK, weaker},
		"set counts on both":     {[]string{a, a, "--set", "exportTo={.}"}, exitOK, ""},
		"set makes them equal":   {[]string{a, b, "--set", "externalNameServices[0].tls.insecureSkipVerify=true"}, exitOK, ""},
		"files of both sides":    {[]string{file("none.yaml"), file("none.yaml"), "-f", a}, exitOK, ""},
		"manifests":              {[]string{"--manifests", file("web.yaml"), file("later")}, exitRefused, "web.example.com:8080"},
		"the same manifests":     {[]string{"--manifests", file("web.yaml"), file("web.yaml")}, exitOK, ""},
		"values as manifests":    {[]string{"--manifests", a, a}, exitFailed, "no Kubernetes objects in it"},
		"manifests and a value":  {[]string{"--manifests", a, a, "--set", "a=b"}, exitFailed, "--manifests and --set do not go together"},
		"manifests, revision":    {[]string{"--manifests", "--rev", "a", a, a}, exitFailed, "--manifests and --rev do not go together"},
		"refused":                {[]string{a, file("wrong.yaml")}, exitFailed, "Error: after: the chart refuses the values, so nothing can be told of them:\n- " + file("wrong.yaml") + ":3: externalNameServices[0].externalName"},
		"missing":                {[]string{a, file("nothing.yaml")}, exitFailed, "after: " + file("nothing.yaml") + ": no such file"},
		"a single file":          {[]string{a}, exitFailed, "want two values files, render diff BEFORE AFTER, or --rev A..B with -f; got 1"},
		"format":                 {[]string{a, b, "-o", "html"}, exitFailed, `unknown format "html": want one of json, md, text`},
		"class":                  {[]string{a, b, "--fail-on", "worse"}, exitFailed, "--fail-on worse: want some of weaker, wider"},
		"releases":               {[]string{a, b, "--release", "a=b"}, exitFailed, "--release goes with --rev"},
		"revision and arguments": {[]string{"--rev", "a..b", a}, exitFailed, "with --rev, values files are given with -f or --release"},
		"revision without files": {[]string{"--rev", "a..b"}, exitFailed, "--rev needs the values files"},
		"revision of stdin":      {[]string{"--rev", "a..b", "-f", "-"}, exitFailed, "standard input is in no revision"},
		"both from stdin":        {[]string{"-", "-"}, exitFailed, "it is given more than once"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := execute(simpleValues, append([]string{"diff"}, tc.args...)...)
			got := stdout
			if tc.status == exitFailed {
				got = stderr
			}
			if status != tc.status || !strings.Contains(got, tc.want) || tc.want == "" && stdout+stderr != "" {
				t.Errorf("status %d, want %d; output:\n%s%s\nwant\n%s", status, tc.status, stdout, stderr, tc.want)
			}
		})
	}
}

// repository makes a git repository with a commit for each state of its files, tagged v1, v2 and so on, and works in it.
func repository(t *testing.T, states ...map[string]string) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"} {
		t.Setenv(name, "") // of a hook that runs this test
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	runGit(t, "init", "-q", "-b", "main")
	for i, files := range states {
		commitFiles(t, files)
		runGit(t, "tag", "v"+string(rune('1'+i)))
	}
}

func commitFiles(t *testing.T, files map[string]string) {
	t.Helper()
	runGit(t, "rm", "-rq", "--ignore-unmatch", ".")
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(name), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	runGit(t, "add", ".")
	runGit(t, "commit", "-q", "--allow-empty", "-m", "values")
}

func runGit(t *testing.T, args ...string) {
	t.Helper()
	identity := []string{"-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"}
	if out, err := exec.CommandContext(t.Context(), "git", append(identity, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("git %q: %v\n%s", args, err, out)
	}
}

func TestDiffOfRevisions(t *testing.T) {
	repository(t,
		map[string]string{"values.yaml": simpleValues, "a b/in folder.yaml": "{}\n"},
		map[string]string{"values.yaml": unverifiedValues, "a b/in folder.yaml": cleanValues},
		map[string]string{"other.yaml": simpleValues},
	)
	runGit(t, "checkout", "-q", "-b", "side", "v1")
	commitFiles(t, map[string]string{"values.yaml": asMapValues})
	runGit(t, "checkout", "-q", "main")
	if err := os.WriteFile("values.yaml", []byte(simpleValues), 0o600); err != nil {
		t.Fatal(err)
	}
	weaker := "TLS weakened: TLS, verified -> TLS, server not verified  [v1:values.yaml:5 -> v2:values.yaml:6]\n1 change, 1 to review\n"
	for name, tc := range map[string]struct {
		args   []string
		status int
		want   string
	}{
		"two":                   {[]string{"--rev", "v1..v2", "-f", "values.yaml"}, exitRefused, weaker},
		"the same":              {[]string{"--rev", "v1..v1", "-f", "values.yaml"}, exitOK, ""},
		"as a map":              {[]string{"--rev", "v1..side", "-f", "values.yaml"}, exitOK, ""},
		"since they parted":     {[]string{"--rev", "v2...side", "-f", "values.yaml"}, exitOK, ""},
		"not since they parted": {[]string{"--rev", "v2..side", "-f", "values.yaml"}, exitRefused, "~ stronger"},
		"HEAD is left out":      {[]string{"--rev", "v3..", "-f", "other.yaml"}, exitOK, ""},
		"the disk":              {[]string{"--rev", "v2", "-f", "values.yaml"}, exitRefused, "[v2:values.yaml:6 -> values.yaml:5]"},
		"the same on the disk":  {[]string{"--rev", "v1", "-f", "./values.yaml"}, exitOK, ""},
		"gone in the second":    {[]string{"--rev", "v2..v3", "-f", "values.yaml"}, exitRefused, "- narrower  api.example.com:443 as api.default:80: gone"},
		"new in the second":     {[]string{"--rev", "v2..v3", "-f", "other.yaml"}, exitRefused, "+ wider     api.example.com:443"},
		"a name with a space":   {[]string{"--rev", "v1..v2", "-f", "a b/in folder.yaml"}, exitRefused, "[v2:a b/in folder.yaml:2]"},
		"releases":              {[]string{"--rev", "v1..v2", "--release", "x=values.yaml", "--release", "team/y=a b/in folder.yaml"}, exitRefused, "2 changes, 2 to review"},
		"files that merge":      {[]string{"--rev", "v1..v2", "-f", "a b/in folder.yaml", "-f", "values.yaml"}, exitRefused, weaker},
		"no such revision":      {[]string{"--rev", "v1..nothing", "-f", "values.yaml"}, exitFailed, `git knows no commit "nothing"`},
		"an option as revision": {[]string{"--rev=--all", "-f", "values.yaml"}, exitFailed, `git knows no commit "--all"`},
		"a file nobody has":     {[]string{"--rev", "v1..v2", "-f", "none.yaml"}, exitFailed, "none.yaml: it is neither in v1 nor in v2"},
		"a folder":              {[]string{"--rev", "v1..v2", "-f", "a b"}, exitFailed, "no file there"},
		"outside":               {[]string{"--rev", "v1..v2", "-f", "../values.yaml"}, exitFailed, "../values.yaml"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := execute("", append([]string{"diff"}, tc.args...)...)
			got := stdout
			if tc.status == exitFailed {
				got = stderr
			}
			if status != tc.status || !strings.Contains(got, tc.want) || tc.want == "" && stdout+stderr != "" {
				t.Errorf("status %d, want %d; output:\n%s%s\nwant\n%s", status, tc.status, stdout, stderr, tc.want)
			}
		})
	}
}

func TestDiffAsJSON(t *testing.T) {
	folder := folderOf(t, map[string]string{"a.yaml": simpleValues, "b.yaml": unverifiedValues})
	_, stdout, _ := execute("", "diff", filepath.Join(folder, "a.yaml"), filepath.Join(folder, "b.yaml"), "-o", "json")
	var got struct {
		Changes []struct {
			Class, Destination, Text string
			Port                     int
			Names                    []string
			Before, After            struct {
				Path, File string
				Line       int
			}
		}
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Changes) != 1 {
		t.Fatalf("%d changes in\n%s", len(got.Changes), stdout)
	}
	c := got.Changes[0]
	if c.Class != "weaker" || c.Destination != "api.example.com" || c.Port != 443 || len(c.Names) != 1 || c.Names[0] != "api.default:80" ||
		c.Before.Path != "externalNameServices[0].tls" || c.Before.Line != 5 || c.After.Line != 6 || filepath.Base(c.After.File) != "b.yaml" {
		t.Errorf("%+v", c)
	}
}

// A rule that not all who see the host see is compared for those who do, and the others by themselves.
func TestDiffOfHiddenRules(t *testing.T) {
	const hidden = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: web, namespace: shop}\n" +
		"spec: {host: web.example.com, exportTo: [.], trafficPolicy: {tls: {mode: SIMPLE, sni: web.example.com, subjectAltNames: [web.example.com]}}}\n"
	unverified := strings.ReplaceAll(hidden, "mode: SIMPLE", "mode: SIMPLE, insecureSkipVerify: true")
	shown := strings.ReplaceAll(hidden, "exportTo: [.], ", "")
	folder := folderOf(t, map[string]string{
		"hidden.yaml": wholeEntry + hidden, "unverified.yaml": wholeEntry + unverified, "shown.yaml": wholeEntry + shown, "none.yaml": wholeEntry,
	})
	for name, tc := range map[string]struct{ before, after, want string }{
		"weaker for some":     {"hidden.yaml", "unverified.yaml", "~ weaker    web.example.com:80: for namespace shop: TLS weakened: TLS, verified -> TLS, server not verified"},
		"stronger for some":   {"none.yaml", "hidden.yaml", "~ stronger  web.example.com:80: for namespace shop: TLS strengthened: plaintext -> TLS, verified"},
		"stronger for others": {"hidden.yaml", "shown.yaml", "~ stronger  web.example.com:80: for other namespaces: TLS strengthened: plaintext -> TLS, verified"},
	} {
		_, stdout, stderr := execute("", "diff", "--manifests", filepath.Join(folder, tc.before), filepath.Join(folder, tc.after))
		if !strings.HasPrefix(stdout, tc.want) || !strings.HasSuffix(stdout, "1 change, 0 to review\n") && !strings.HasSuffix(stdout, "1 change, 1 to review\n") {
			t.Errorf("%s:\n%s%s\nwant\n%s", name, stdout, stderr, tc.want)
		}
	}
}

// Labels that are numbers are the schema's business alone.
func TestDiffWithoutTheSchema(t *testing.T) {
	values := "externalNameServices: {api: {externalName: api.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}, labels: {rank: 1}}}\n"
	writeFiles(t, map[string]string{"before.yaml": values, "after.yaml": strings.Replace(values, "rank: 1", "rank: 2", 1)})
	args := []string{"diff", "before.yaml", "after.yaml"}
	if status, _, stderr := execute("", args...); status != exitFailed || !strings.Contains(stderr, "labels.rank: must be a string") {
		t.Errorf("with the schema: status %d: %s", status, stderr)
	}
	if status, stdout, stderr := execute("", append(args, "--skip-schema-validation")...); status != exitOK || stdout+stderr != "" {
		t.Errorf("without the schema: status %d: %s%s", status, stdout, stderr)
	}
}
