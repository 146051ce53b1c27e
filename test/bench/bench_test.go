package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSizes(t *testing.T) {
	sizes, err := parseSizes("10:3,1000:1")
	require.NoError(t, err)
	assert.Equal(t, []size{{10, 3}, {1000, 1}}, sizes)

	for text, want := range map[string]string{
		"":       `"": want entries:rounds`,
		"10":     `"10": want entries:rounds`,
		"0:1":    `"0:1": entries: 0 is less than 1`,
		"10:x":   `"10:x": rounds: strconv.Atoi`,
		"10:1,:": `":": entries:`,
	} {
		_, err := parseSizes(text)
		assert.ErrorContains(t, err, want)
	}
}

func TestFlags(t *testing.T) {
	err := run(t.Context(), []string{"-sizes", "many"}, &strings.Builder{}, &strings.Builder{})
	assert.ErrorContains(t, err, "want entries:rounds")
	err = run(t.Context(), []string{"-values", "3", "surplus"}, &strings.Builder{}, &strings.Builder{})
	assert.ErrorContains(t, err, `unexpected argument "surplus"`)

	values := &strings.Builder{}
	require.NoError(t, run(t.Context(), []string{"-values", "8"}, values, &strings.Builder{}))
	assert.Equal(t, 6, strings.Count(values.String(), "externalName:"))
	assert.Equal(t, 2, strings.Count(values.String(), "addresses:"))
	assert.Contains(t, values.String(), "serviceType: ClusterIP")

	values.Reset()
	require.NoError(t, run(t.Context(), []string{"-form", "open", "-values", "8"}, values, &strings.Builder{}))
	assert.Contains(t, values.String(), "endpointsKind: EndpointSlice")
	err = run(t.Context(), []string{"-form", "ajar", "-values", "3"}, &strings.Builder{}, &strings.Builder{})
	assert.ErrorContains(t, err, `"ajar": want closed or open`)
}

func TestMedianAndSpread(t *testing.T) {
	assert.InDelta(t, 3, sampled{9, 1, 3}.median(), 0)
	assert.InDelta(t, 2, sampled{1, 3}.median(), 0)
	assert.True(t, math.IsNaN(sampled(nil).median()))
	assert.Equal(t, "3.00× (1.00×–9.00×)", sampled{9, 1, 3}.with(times))
	assert.Equal(t, "250 ms", sampled{0.25}.with(seconds))
	assert.Equal(t, "12.3 s", sampled{12.345}.with(seconds))
	assert.Equal(t, sampled{2, 3}, ratios(sampled{4, 9}, sampled{2, 3}))
}

// measured are results with the given seconds for each subject, at 10 and 100 entries.
func measured(seconds map[string]float64) *results {
	r := &results{form: "closed", sizes: []size{{10, 1}, {100, 1}}, taken: map[int]map[string]runs{}, objects: map[int]int{10: 40, 100: 4000}}
	for _, s := range r.sizes {
		taken := map[string]runs{}
		for name, value := range seconds {
			wall := time.Duration(value * float64(s.entries) * float64(time.Second) / 100)
			taken[name] = runs{{wall: wall, cpu: wall, memory: int64(value * (1 << 20))}}
		}
		r.taken[s.entries] = taken
	}
	r.library = []libraryRun{{libraryRender, time.Millisecond, 1000}, {libraryInstall, 20 * time.Millisecond, 66_000}}
	return r
}

var fast = map[string]float64{
	render: 1, helmTemplate: 10, helm4Template: 10, renderLint: 1, helmLint: 100, helmLintShared: 10, helm4Lint: 100,
	kubeconform: 20, pipeline: 120, renderReport: 1, renderPage: 1.2, renderDiff: 2,
	explainStart: 0.05, explainCall: 1, explainCalls: 1.5, explainAll: 3,
}

func TestCheckNamesWhatHasRegressed(t *testing.T) {
	require.NoError(t, measured(fast).check())

	slow := measured(fast)
	slow.taken[100][render] = runs{{wall: 3 * time.Second, memory: 8 << 20}}
	slow.library[1].wall = 4 * time.Millisecond
	err := slow.check()
	require.ErrorContains(t, err, "`helm template` / `render` at 100 entries is 3.33×; the target is at least 8.00×")
	require.ErrorContains(t, err, "`render`, 10 times the entries at 100 entries is 30.0×; the target is at most 12.0×")
	require.ErrorContains(t, err, "action.Install")
	assert.NotContains(t, err.Error(), "render lint")
	assert.NotContains(t, err.Error(), "memory", "0.8 is within the margin of 0.7")

	waiting := measured(fast)
	waiting.taken[100][renderReport] = runs{{wall: 9 * time.Second, cpu: time.Second}}
	assert.NotContains(t, waiting.check().Error(), "`render report` / `render`", "CPU time counts")
	waiting.taken[100][renderReport] = runs{{wall: time.Second, cpu: 2 * time.Second}}
	require.ErrorContains(t, waiting.check(), "`render report` / `render` at 100 entries is 2.00×; the target is at most 1.30× in CPU time")

	slow.taken[100][render][0].memory = 11 << 20
	assert.ErrorContains(t, slow.check(), "memory of `render` / `helm template` at 100 entries is 1.10×")
}

func TestCheckNamesTheForm(t *testing.T) {
	slow := measured(fast)
	slow.form = "open"
	slow.taken[100][render] = runs{{wall: 3 * time.Second}}
	err := (&report{forms: []*results{measured(fast), slow}}).check()
	require.ErrorContains(t, err, "all services open: `helm template` / `render`")
	assert.NotContains(t, err.Error(), "closed")
}

func markdownOf(r *results) string {
	return (&report{forms: []*results{r}, library: r.library}).markdown()
}

func TestMarkdown(t *testing.T) {
	text := markdownOf(measured(fast))
	assert.Contains(t, text, "### All services closed\n")
	assert.Contains(t, text, "| 10 entries, 40 objects, 1 rounds | 100 entries, 4,000 objects, 1 rounds | growth |")
	assert.Contains(t, text, "| `helm template \\| kubeconform` | 2.00 s, 20 MiB | 20.0 s, 20 MiB | 10.0× |")
	assert.Contains(t, text, "| `helm template` / `render` | 10.0× | 10.0× | at least 8.00×: reached |")
	assert.Contains(t, text, "| Helm SDK, `action.Install` dry-run | 20000 µs | 66,000 |")

	slow := measured(fast)
	slow.taken[100][render][0].wall *= 2
	assert.Contains(t, markdownOf(slow), "| `helm template` / `render` | 5.00× | 10.0× | at least 8.00×: not with so few entries, but within the margin of --check |")
	slow.taken[100][render][0].wall *= 2
	assert.Contains(t, markdownOf(slow), "| `helm template` / `render` | 2.50× | 10.0× | at least 8.00×: missed |")
}

func TestExplainHasLimits(t *testing.T) {
	r := measured(fast)
	text := markdownOf(r)
	assert.Contains(t, text, "| start, 100 entries | 50 ms | 0.05× | 0 MiB | at most 100 ms: reached |")
	assert.Contains(t, text, "| a call, 10 entries | 100 ms | 1.00× | 1 MiB | at most 300 ms: reached |")
	assert.Contains(t, text, "| a further call, 100 entries | 0.5 ms | 0.00× |  | at most 1 ms: reached |")
	assert.Contains(t, text, "| `--all`, 100 entries | 3.00 s | 3.00× | 3 MiB | stated |")
	assert.NotContains(t, text, "1,000 entries", "it was not measured")

	r.taken[1_000] = map[string]runs{render: {{cpu: 1}}, explainCall: {{cpu: 5 * time.Second, memory: 300 << 20}}}
	assert.Contains(t, markdownOf(r), "at most 2.00 s, 200 MiB: missed |")
	require.ErrorContains(t, r.check(), "egress-explain, a call, 1,000 entries: 5.00 s of CPU time; the target is 2.00 s")
	r.taken[1_000][explainCall] = runs{{cpu: time.Second, memory: 500 << 20}}
	require.ErrorContains(t, r.check(), "egress-explain, a call, 1,000 entries: 500 MiB; the target is 200 MiB")
}

func TestACallOfTheValues(t *testing.T) {
	values := &strings.Builder{}
	require.NoError(t, run(t.Context(), []string{"-values", "8"}, values, &strings.Builder{}))
	namespace, url, err := callOf([]byte(values.String()))
	require.NoError(t, err)
	assert.Regexp(t, `^team-\d+$`, namespace)
	assert.Regexp(t, `^(http|tls|https)://[a-z-]+\.`+namespace+`:\d+$`, url)
	_, _, err = callOf([]byte("a: b\n"))
	assert.ErrorContains(t, err, "no entry to call")
}

func TestReplaceSection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "doc.md")
	require.NoError(t, os.WriteFile(path, []byte("before\n"+sectionStart+"old\n"+sectionEnd+"after\n"), 0o600))
	require.NoError(t, replaceSection(path, "new\n"))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "before\n"+sectionStart+"\nnew\n\n"+sectionEnd+"after\n", string(data))

	require.NoError(t, os.WriteFile(path, []byte("no comments\n"), 0o600))
	assert.ErrorContains(t, replaceSection(path, "new\n"), "put the lines")
}

func TestOutputsAreCompared(t *testing.T) {
	helm3 := "---\n# Source: a.yaml\nkind: A\n---\n# Source: b.yaml\nkind: B\n"
	helm4 := "---\n# Source: a.yaml\nkind: A\n\n---\n# Source: b.yaml\nkind: B\n\n"
	assert.Equal(t, 2, documents(helm3))
	assert.Equal(t, withoutEmptyLines(helm3), withoutEmptyLines(helm4))

	objects, err := accepted("Summary: 2 resources found parsing stdin - Valid: 2, Invalid: 0, Errors: 0, Skipped: 0\n", 2)
	require.NoError(t, err)
	assert.Equal(t, 2, objects)
	for _, summary := range []string{
		"",
		"Summary: 2 resources found parsing stdin - Valid: 1, Invalid: 0, Errors: 0, Skipped: 1\n",
		"Summary: 1 resource found parsing stdin - Valid: 1, Invalid: 0, Errors: 0, Skipped: 0\n",
	} {
		_, err = accepted(summary, 2)
		require.ErrorContains(t, err, "kubeconform did not accept all 2 objects")
	}

	env := newEnvironment(t.TempDir())
	subjects := []subject{{name: render}, {name: helmTemplate}, {name: helm4Template}, {name: kubeconform}}
	for i, text := range []string{helm3, helm3 + " ", helm4, ""} {
		require.NoError(t, os.WriteFile(env.output(subjects[i]), []byte(text), 0o600))
	}
	_, err = sameOutput(env, subjects)
	assert.ErrorContains(t, err, "different bytes")
}

func TestMeasure(t *testing.T) {
	env := newEnvironment(t.TempDir())
	piped := subject{"piped", [][]string{{"sh", "-c", "echo one; echo two"}, {"grep", "two"}}}
	used, err := env.measure(t.Context(), piped)
	require.NoError(t, err)
	assert.Positive(t, used.wall)
	assert.Positive(t, used.memory)
	data, err := os.ReadFile(env.output(piped))
	require.NoError(t, err)
	assert.Equal(t, "two\n", string(data))

	_, err = env.measure(t.Context(), subject{"refused", [][]string{{"sh", "-c", "echo why >&2; exit 1"}}})
	require.ErrorContains(t, err, "refused: exit status 1\nwhy")
	_, err = env.measure(t.Context(), subject{"broken", [][]string{{"sh", "-c", "exit 1"}, {"cat"}}})
	require.ErrorContains(t, err, "broken: exit status 1", "the first command of a pipe counts too")
}

func TestBenchmarkLines(t *testing.T) {
	out := "cpu: X\nBenchmarkRender/entries=1-2   \t    1000\t  150000.5 ns/op\t  70000 B/op\t     939 allocs/op\n"
	_, err := parseBenchmarks([]byte(out))
	require.ErrorContains(t, err, "no benchmark InstallDryRun")

	runs, err := parseBenchmarks([]byte(out + strings.ReplaceAll(out, "Render/", "InstallDryRun/")))
	require.NoError(t, err)
	assert.Equal(t, []libraryRun{
		{libraryRender, 150 * time.Microsecond, 939}, {libraryInstall, 150 * time.Microsecond, 939},
	}, runs)
}

func TestStandaloneSchemas(t *testing.T) {
	definitions := map[string]any{
		"Spec": map[string]any{"type": "object", "properties": map[string]any{"port": map[string]any{"type": "integer"}}},
		"Any":  map[string]any{"type": "object"},
	}
	reference := func(name string) any {
		return map[string]any{"allOf": []any{map[string]any{"$ref": refPrefix + name}}, "description": "text"}
	}
	got := standalone(map[string]any{
		"type":       "object",
		"properties": map[string]any{"spec": reference("Spec"), "any": reference("Any")},
	}, definitions)
	assert.Equal(t, map[string]any{
		"type":                 "object",
		"additionalProperties": false,
		"properties": map[string]any{
			"apiVersion": map[string]any{}, "kind": map[string]any{}, "metadata": map[string]any{},
			"any": map[string]any{"type": "object"},
			"spec": map[string]any{
				"type": "object", "additionalProperties": false,
				"properties": map[string]any{"port": map[string]any{"type": "integer"}},
			},
		},
	}, got)
}

func TestShareScheme(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deprecations.go")
	require.NoError(t, os.WriteFile(path, []byte("a\n\t"+schemePerObject+"b\n"), 0o600))
	require.NoError(t, shareScheme(path))
	data, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, "a\n\t"+schemeShared+"b\n", string(data))
	assert.ErrorContains(t, shareScheme(path), "no runtime scheme per object any more")
}
