package cases

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const (
	folder   = "../../cases"
	examples = "../../../../examples"
)

func TestEveryFileIsRead(t *testing.T) {
	files, err := ReadFolder(folder)
	require.NoError(t, err)
	for _, file := range files {
		for _, variant := range file.Variants() {
			for i := range file.Cases {
				_, err := file.Plan(&file.Cases[i], variant)
				assert.NoError(t, err, file.Path)
			}
		}
	}
}

func TestFilesOfModesAreRead(t *testing.T) {
	for _, name := range []string{"soak.yaml", "cost.yaml"} {
		_, err := Read(filepath.Join(folder, "..", name))
		assert.NoError(t, err)
	}
}

func TestEveryExampleHasCases(t *testing.T) {
	files, err := ReadFolder(folder)
	require.NoError(t, err)
	covered := map[string]bool{}
	for _, file := range files {
		for _, release := range file.Releases {
			covered[release.Example] = true
		}
	}
	paths, err := filepath.Glob(filepath.Join(examples, "*", "values.yaml"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		name := filepath.Base(filepath.Dir(path))
		assert.True(t, covered[name], "no file in test/wire/cases has the release {example: %s}", name)
	}
}

func TestExampleOfTheReadmeIsRead(t *testing.T) {
	content, err := os.ReadFile(filepath.Join(folder, "README.md"))
	require.NoError(t, err)
	_, example, _ := strings.Cut(string(content), "```yaml\n")
	example, _, found := strings.Cut(example, "```")
	require.True(t, found)
	_, err = read(t, example)
	assert.NoError(t, err)
}

// whole is a file without a fault.
const whole = `about: one call.
releases:
  - example: tls-origination
surroundings:
  clientCertificates: {billing: partners}
  servers:
    httpbin: {host: httpbin.org, ports: {80: http, 443: {speaks: http in TLS, clients: partners}}}
callers:
  client: {}
  other: {namespace: team-b}
cases:
  - name: a case
    shows: something.
    calls: ["http://my-httpbin/"]
    arrives: {at: "httpbin:443", client: billing}
    sees: "200"
`

func read(t *testing.T, content string) (*File, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "some.yaml")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return Read(path)
}

func TestReadFile(t *testing.T) {
	file, err := read(t, whole)
	require.NoError(t, err)
	speech, encrypted := file.Surroundings.Servers["httpbin"].Ports[443].Speech()
	assert.EqualValues(t, "http", speech)
	assert.True(t, encrypted)
	assert.Equal(t, 12, file.Cases[0].Line)
}

func TestAmbientCallerIsRead(t *testing.T) {
	for _, caller := range []string{"{ambient: true}", "{ambient: true, sidecar: false}"} {
		content := strings.NewReplacer(
			"surroundings:\n", "surroundings:\n  istiod: {PILOT_ENABLE_AMBIENT: \"true\"}\n", "client: {}", "client: "+caller,
		).Replace(whole)
		file, err := read(t, content)
		require.NoError(t, err, caller)
		assert.True(t, file.Callers["client"].Ambient)
	}
}

func TestFaultsAreTold(t *testing.T) {
	for _, fault := range []struct{ old, replacement, wanted string }{
		{"about: one call.", "", "about is missing"},
		{"shows: something.", "show: something.", `line 13: unknown key "show"; there are`},
		{"  client: {}", "  client: {label: {app: x}}", `line 9: unknown key "label"`},
		{"  client: {}", "  client: {ambient: true}", `ambient, and istiod is not: write istiod: {PILOT_ENABLE_AMBIENT: "true"}`},
		{"  client: {}", "  client: {ambient: true, sidecar: true}", "callers.client is ambient and has a sidecar: write"},
		{"{at: \"httpbin:443\", client: billing}", "{at: \"httpbin:443\", snni: x}", `line 15: unknown key "snni"`},
		{"clients: partners", "client: partners", `line 7: unknown key "client"`},
		{"clients: partners", "clients: friends", `is "friends": there are company, partners, public, stranger`},
		{"80: http,", "80: gopher,", `is "gopher": there are echo, greeting, http`},
		{"{host: httpbin.org, ports", "{host: httpbin.org, certificate: old, ports", `is "old": there are expired, not yet valid`},
		{"http://my-httpbin/", "gopher://my-httpbin/", `"gopher://my-httpbin/": write protocol://host:port/path`},
		{"http://my-httpbin/", "tcp://my-httpbin", "name the port"},
		{"httpbin:443\"", "httpbin:8443\"", "the server has no such port"},
		{"httpbin:443\"", "elsewhere:443\"", "there is no such server"},
		{"{at: \"httpbin:443\", client: billing}", "all", `line 15: arrives is "all": write nothing`},
		{"    arrives: {at: \"httpbin:443\", client: billing}\n", "", "arrives is missing"},
		{"    sees: \"200\"\n", "", "sees is missing"},
		{"    sees: \"200\"", "    sees: \"200\"\n    from: stranger", `from is "stranger": there are client, other`},
		{"    sees: \"200\"", "    sees: \"200\"\n    only: ALLOW", `only is "ALLOW"`},
		{"    sees: \"200\"", "    sees: \"200\"\n    given: [{down: [http]}]", `line 17: the server is "http"`},
		{"    sees: \"200\"", "    sees: \"200\"\n    given: [{down: [httpbin], rotate: billing}]", "a change has one key, and this has 2"},
		{"    sees: \"200\"", "    sees: \"200\"\n    given: [{files: {client: {/etc/x: secret}}}]", `holds "secret": write certificate NAME`},
		{"cases:\n", "cases: []\nmatrix: {}\nCases:\n", `unknown key "Cases"`},
	} {
		t.Run(fault.wanted, func(t *testing.T) {
			require.Contains(t, whole, fault.old)
			_, err := read(t, strings.Replace(whole, fault.old, fault.replacement, 1))
			require.ErrorContains(t, err, fault.wanted)
			assert.ErrorContains(t, err, "some.yaml: ")
		})
	}
}
