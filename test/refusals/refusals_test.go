// Package refusals tests all that the chart refuses or warns of: each id has
// values that show it beside the same values put right, under testdata, and the
// real helm commands and render say the same of them.
package refusals

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/test/internal/helmbin"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// command renders values, and returns what it says about them, a line each.
type command struct {
	name string
	run  func(t *testing.T, valuesFile string, flags ...string) (problems, warnings []string)
	// silent commands show no warnings: helm 3 prints no notes without a cluster.
	silent bool
}

func commands() []command {
	return []command{
		{name: "helm3", silent: true, run: func(t *testing.T, valuesFile string, flags ...string) ([]string, []string) {
			_, err := helmbin.Output(t.Context(), helmbin.Helm3.Options(t), "template", append(flags, project.Chart(), "--values", valuesFile)...)
			return problems(err), nil
		}},
		{name: "helm4", run: func(t *testing.T, valuesFile string, flags ...string) ([]string, []string) {
			out, err := helmbin.Output(t.Context(), helmbin.Helm4.Options(t),
				"install", append(flags, "egress", project.Chart(), "--dry-run=client", "--values", valuesFile)...)
			return problems(err), warnings(string(out))
		}},
		{name: "render", run: func(t *testing.T, valuesFile string, flags ...string) ([]string, []string) {
			out, err := project.Render(t, append([]string{"-f", valuesFile, "--notes"}, flags...)...)
			return problems(err), warnings(string(out))
		}},
	}
}

// problems are the lines of a refusal. An error that is none is a line by itself.
func problems(err error) []string {
	if err == nil {
		return nil
	}
	// Where the schema refuses, render has sentences of its own before helm's, which its tests and the linter's look at.
	said := err.Error()
	if _, helms, found := strings.Cut(said, "\n\nIn helm's words:\n"); found {
		said = helms
	}
	var lines []string
	for line := range strings.SplitSeq(said, "\n") {
		if rest, found := strings.CutPrefix(strings.TrimLeft(line, " "), "- "); found {
			lines = append(lines, place.ReplaceAllString(rest, ""))
		}
	}
	if lines == nil {
		lines = []string{said}
	}
	return lines
}

// place is that of a finding in the values file, which render alone knows.
var place = regexp.MustCompile(`^\S+\.yaml:\d+:\d+: `)

func warnings(notes string) []string {
	var lines []string
	for line := range strings.SplitSeq(notes, "\n") {
		if rest, found := strings.CutPrefix(line, "WARNING: "); found {
			lines = append(lines, rest)
		}
	}
	return lines
}

func TestRefused(t *testing.T) {
	for id, cases := range readCases(t) {
		for _, command := range commands() {
			if cases[0].Warned != nil && command.silent {
				continue
			}
			t.Run(id+"/"+command.name, func(t *testing.T) {
				t.Parallel()
				var said strings.Builder
				for _, c := range cases {
					lines, warned := command.run(t, c.wrong().write(t), c.flags()...)
					if c.Warned != nil {
						assert.Empty(t, lines, "warned values are rendered")
						lines = warned
					}
					assert.NotEmpty(t, lines, "nothing is said against %v", c.wrong())
					checkForm(t, id, lines)
					said.WriteString(strings.Join(lines, "\n") + "\n")
				}
				golden.Equal(t, filepath.Join("testdata", id+".txt"), said.String())
			})
		}
	}
}

// checkForm wants lines of path, sentence and id, and none of another problem.
func checkForm(t *testing.T, id string, lines []string) {
	t.Helper()
	form := `^[\w.\[\]-]+: .+ \[` + id + `\]$`
	if strings.HasPrefix(id, "schema-") {
		form = `^at '[\w./~-]*': .+`
		slices.Sort(lines) // helm says them in no order
	}
	for _, line := range lines {
		assert.Regexp(t, form, line)
	}
}

func TestAccepted(t *testing.T) {
	for id, cases := range readCases(t) {
		for _, command := range commands() {
			t.Run(id+"/"+command.name, func(t *testing.T) {
				t.Parallel()
				for _, c := range cases {
					refused, warned := command.run(t, c.Accepted.write(t), c.flags()...)
					assert.Empty(t, refused)
					assert.NotContains(t, strings.Join(warned, "\n"), "["+id+"]")
				}
			})
		}
	}
}

// One run names every problem, so that nobody mends values one refusal at a time.
func TestAllProblemsAtOnce(t *testing.T) {
	valuesFile := values{"externalNameServices": []any{
		map[string]any{
			"name": "my-httpbin", "externalName": "HttpBin.org.",
			"ports": []any{map[string]any{"name": "https", "port": 443}}, "tls": map[string]any{"mode": "SIMPLE"},
		},
		map[string]any{
			"name": "my-httpbin", "externalName": "orders.example.com", "serviceType": "ExternalName",
			"ports": []any{map[string]any{"name": "tcp", "port": 5432}},
		},
	}}.write(t)
	want := []string{
		"external-name-trailing-dot", "external-name-upper-case",
		"name-twice", "tcp-without-addresses", "tls-missing", "tls-twice",
	}
	ids := regexp.MustCompile(`\[([a-z0-9-]+)\]$`)
	for _, command := range commands() {
		t.Run(command.name, func(t *testing.T) {
			var got []string
			lines, _ := command.run(t, valuesFile)
			for _, line := range lines {
				if match := ids.FindStringSubmatch(line); assert.NotNil(t, match, line) {
					got = append(got, match[1])
				}
			}
			slices.Sort(got)
			assert.Equal(t, want, got)
		})
	}
}

var idInTemplate = regexp.MustCompile(`"id" (\S+)`)

// Whoever adds a check to the chart adds its cases here.
func TestEveryIDOfTheChartHasCases(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(project.Chart(), "templates", "*"))
	require.NoError(t, err)
	ids := map[string]bool{}
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || info.IsDir() {
			continue
		}
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		for _, match := range idInTemplate.FindAllStringSubmatch(string(content), -1) {
			if match[1] == ".id" {
				continue // the define that every finding goes through
			}
			require.Regexp(t, `^"[a-z0-9-]+"$`, match[1], "%s: write the id as it is, so that one can search for it", path)
			ids[strings.Trim(match[1], `"`)] = true
		}
	}
	require.NotEmpty(t, ids)

	cases := readCases(t)
	for id := range ids {
		assert.NotEmpty(t, cases[id], "write test/refusals/testdata/%s.yaml", id)
	}
	for id := range cases {
		assert.True(t, ids[id] || strings.HasPrefix(id, "schema-"), "no template says %s: remove its cases", id)
	}
}
