package compact

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	templates "text/template"
	"text/template/parse"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// compacted is a copy of the chart without what only people read.
func compacted(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS(project.Chart())))
	require.NoError(t, Chart(folder))
	return folder
}

func TestTemplatesMeanTheSame(t *testing.T) {
	folder := compacted(t)
	comments := 0
	original := os.DirFS(project.Chart())
	require.NoError(t, fs.WalkDir(original, "templates", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		before, err := fs.ReadFile(original, path)
		require.NoError(t, err)
		after, err := os.ReadFile(filepath.Join(folder, path))
		require.NoError(t, err)
		assert.NotContains(t, string(after), "{{- /*", path)
		comments += bytes.Count(before, []byte("{{- /*"))
		assert.Equal(t, parsed(t, before), parsed(t, after), path)
		return nil
	}))
	assert.NotZero(t, comments)
}

// parsed returns what text/template reads, by the names of the templates.
func parsed(t *testing.T, content []byte) map[string]string {
	t.Helper()
	trees := map[string]*parse.Tree{}
	tree := parse.New("file")
	tree.Mode = parse.SkipFuncCheck
	_, err := tree.Parse(string(content), "", "", trees)
	require.NoError(t, err)
	texts := map[string]string{}
	for name, tree := range trees {
		texts[name] = tree.Root.String()
	}
	return texts
}

// Comments that trim nothing, or on both sides, mean the same as no comment.
func TestCommentsGoWithTheSpaceThatTheyTrim(t *testing.T) {
	for _, text := range []string{
		"a\n  {{/* c */}}\nb", "a\n  {{- /* c */}}\nb", "a\n  {{- /* c\nd */ -}}\n b", "a {{/* c */ -}} b", "a {{- /* c */}}{{- /* d */ -}} b",
		`{{ "/* no comment */" }}`,
	} {
		after, err := template([]byte(text))
		require.NoError(t, err)
		assert.Equal(t, executed(t, text), executed(t, string(after)), text)
	}
}

func executed(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, templates.Must(templates.New("").Parse(text)).Execute(&out, nil))
	return out.String()
}

func TestWhatIsRenderedStaysTheSame(t *testing.T) {
	source, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	chart, err := render.LoadDir(compacted(t))
	require.NoError(t, err)
	for _, example := range project.Examples(t) {
		values := render.ValuesOptions{Files: []string{example.Values}}
		assert.Equal(t, manifest(t, source, values), manifest(t, chart, values), example.Name)
	}
}

func manifest(t *testing.T, chart *render.Chart, options render.ValuesOptions) string {
	t.Helper()
	values, err := render.ReadValues(options)
	require.NoError(t, err)
	result, err := chart.Render(values, render.Options{ReleaseName: "egress"})
	require.NoError(t, err)
	return string(result.Manifest())
}

// The sentences are made of the schema: what is wrong with every kind of value, and which fields are missing.
func TestRefusalsStayTheSame(t *testing.T) {
	source, err := render.LoadDir(project.Chart())
	require.NoError(t, err)
	chart, err := render.LoadDir(compacted(t))
	require.NoError(t, err)
	for _, values := range []map[string]any{
		{"externalNameServices": []any{map[string]any{"name": "a", "host": "b"}}, "test": 1},
		{"externalNameServices": map[string]any{"A_b": map[string]any{"enabled": false, "port": 1.0}}},
		{"endpointServices": []any{map[string]any{"name": "UPPER", "addresses": []any{}, "ports": []any{map[string]any{"port": "443"}}}}},
		{"endpointServices": []any{map[string]any{"name": "a", "tls": map[string]any{"mode": "MUTUAL", "clientCertificate": "/c"}}}},
		{"clusterDomain": "UPPER", "enabled": false, "dataPlane": "none", "commonLabels": map[string]any{"app.kubernetes.io/name": "a"}},
	} {
		expected, err := source.Findings(values, render.Options{})
		require.NoError(t, err)
		require.NotEmpty(t, expected)
		findings, err := chart.Findings(values, render.Options{})
		require.NoError(t, err)
		assert.Equal(t, expected, findings)
	}
}

func TestReadmeLinksToTheTables(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(compacted(t), "README.md"))
	require.NoError(t, err)
	assert.Contains(t, string(text), "helm install")
	assert.NotContains(t, string(text), "| ")
	assert.Contains(t, string(text), "README.md#values)")

	_, err = readme([]byte("# another README\n"))
	assert.ErrorContains(t, err, "## Values")
}
