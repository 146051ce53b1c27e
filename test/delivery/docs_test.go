package delivery

import (
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/render"
	"github.com/istio-egress/istio-egress/test/internal/docs"
	"github.com/istio-egress/istio-egress/test/internal/markdown"
	"github.com/istio-egress/istio-egress/test/internal/project"
)

// Whatever the documents show is true: commands run, values render, objects
// decode, Go compiles. A block that nothing checks is an error.
func TestDocuments(t *testing.T) {
	for _, path := range docs.Paths(t) {
		name, err := filepath.Rel(project.Root(), path)
		require.NoError(t, err)
		t.Run(name, func(t *testing.T) {
			blocks, err := markdown.Read(path)
			require.NoError(t, err)
			folder := ""
			if slices.ContainsFunc(blocks, func(b markdown.Block) bool { return b.Language == "console" }) {
				folder = docs.Folder(t, path)
			}
			for _, block := range blocks {
				t.Run(block.Place, func(t *testing.T) { check(t, folder, block) })
			}
		})
	}
}

func check(t *testing.T, folder string, block markdown.Block) {
	t.Helper()
	if folder != "" {
		docs.WriteFile(t, folder, block)
	}
	switch {
	case block.Language == "console":
		for _, command := range block.Commands() {
			checkCommand(t, folder, block, command)
		}
	case block.Language == "sh":
		out, err := exec.CommandContext(t.Context(), "bash", "-nc", block.Text).CombinedOutput()
		assert.NoError(t, err, string(out))
	case block.Language == "yaml" && block.Is("manifest"):
		assert.NoError(t, decodeManifest(block.Text))
	case block.Language == "yaml" && block.Is("settings"):
		var settings any
		assert.NoError(t, yaml.UnmarshalStrict([]byte(block.Text), &settings))
	case block.Language == "yaml" && block.Is("prometheus"):
		assert.NoError(t, parseRules(block.Text))
	case block.Language == "yaml":
		assert.NoError(t, renderValues(block.Text))
	case block.Language == "go":
		assert.NoError(t, compile(t, block.Text))
	case block.Language == "mermaid":
		// ci/check-diagrams parses the diagrams of all documents.
	default:
		t.Errorf("nothing checks a block of %q: package markdown lists what can be checked", block.Language)
	}
}

func checkCommand(t *testing.T, folder string, block markdown.Block, command markdown.Command) {
	t.Helper()
	switch docs.TreatmentOf(command.Line, block) {
	case docs.Run:
		docs.Check(t, folder, nil, block, command)
	case docs.Make:
		dry := "make --dry-run --directory " + project.Root() + strings.TrimPrefix(command.Line, "make")
		out, err := exec.CommandContext(t.Context(), "bash", "-euc", dry).CombinedOutput()
		assert.NoError(t, err, string(out))
	case docs.Tests:
		docs.CheckPackages(t, command.Line)
	case docs.Cluster, docs.Flags, docs.Itself, docs.Explain:
		// Commands of the first two kinds are checked by the tests in live, the last one is what runs this test.
	default:
		t.Errorf("nothing checks %q: package docs lists the commands that documents may use", command.Line)
	}
}

func decodeManifest(text string) error {
	for document := range strings.SplitSeq(text, "\n---\n") {
		object := render.Document{Content: document}
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			return err
		}
		if _, err := object.Decode(); err != nil {
			return err
		}
	}
	return nil
}

func renderValues(text string) error {
	chart, err := render.Load()
	if err != nil {
		return err
	}
	values, err := render.ParseValues([]byte(text))
	if err != nil {
		return err
	}
	result, err := chart.Render(values, render.Options{})
	if err != nil {
		return err
	}
	if len(result.Documents()) == 0 {
		return errors.New("the values render nothing")
	}
	_, err = result.Objects()
	return err
}

var importable = map[string]string{
	"context": "context", "errors": "errors", "fmt": "fmt", "os": "os",
	"render": "github.com/istio-egress/istio-egress/render",
	"lint":   "github.com/istio-egress/istio-egress/lint",
	"egress": "github.com/istio-egress/istio-egress/egress",
	"report": "github.com/istio-egress/istio-egress/report",
}

// compile compiles statements in a function of a package that imports what they name.
func compile(t *testing.T, statements string) error {
	t.Helper()
	body := "package snippet\nfunc snippet() error {\n" + statements + "\n"
	file, err := parser.ParseFile(token.NewFileSet(), "", body+"return nil\n}\n", 0)
	if err != nil {
		return err
	}
	var imports, used string
	for name, path := range importable {
		if regexp.MustCompile(`\b` + name + `\.`).MatchString(statements) {
			imports += fmt.Sprintf("import %q\n", path)
		}
	}
	for _, statement := range file.Decls[0].(*ast.FuncDecl).Body.List {
		if assign, ok := statement.(*ast.AssignStmt); ok && assign.Tok == token.DEFINE {
			for _, name := range assign.Lhs {
				if identifier := name.(*ast.Ident).Name; identifier != "_" {
					used += "_ = " + identifier + "\n"
				}
			}
		}
	}
	source := strings.Replace(body, "package snippet\n", "package snippet\n"+imports, 1) + used + "return nil\n}\n"
	formatted, err := format.Source([]byte(source))
	if err != nil {
		return err
	}
	folder, err := os.MkdirTemp(filepath.Join(project.Root(), "test", "delivery"), "snippet") //nolint:usetesting // it has to lie in the module
	require.NoError(t, err)
	defer func() { require.NoError(t, os.RemoveAll(folder)) }()
	require.NoError(t, os.WriteFile(filepath.Join(folder, "snippet.go"), formatted, 0o600))
	vet := exec.CommandContext(t.Context(), "go", "vet", "./"+filepath.Base(folder))
	vet.Dir = filepath.Dir(folder)
	if out, err := vet.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	return nil
}

func TestBlocksThatAreWrongAreFound(t *testing.T) {
	assert.ErrorContains(t, renderValues("externalNameServices: {a: {externalName: A.example.com}}"), "externalName")
	assert.Error(t, renderValues("exportTo: [\".\"]"), "renders nothing")
	assert.ErrorContains(t, decodeManifest("apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {externalname: a}\n"), "externalname")
	assert.ErrorContains(t, parseRules("groups: [{name: a, rules: [{alert: A, expr: 'sum(rate(a[5m]) > 0'}]}]"), "could not parse expression")
	assert.Error(t, compile(t, "chart, err := render.Laod()\nif err != nil {\nreturn err\n}\n_ = chart"))
	assert.NoError(t, compile(t, "chart, err := render.Load()\nif err != nil {\nreturn err\n}\nfmt.Println(chart.Name())"))
}

func TestLinksLeadToFiles(t *testing.T) {
	links := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for _, path := range docs.Paths(t) {
		for _, link := range links.FindAllStringSubmatch(read(t, path), -1) {
			_, err := os.Stat(filepath.Join(filepath.Dir(path), link[1]))
			assert.NoError(t, err, "%s links to %s", path, link[1])
		}
	}
}
