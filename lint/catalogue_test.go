package lint_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/catalogue"
	"github.com/istio-egress/istio-egress/lint/manifests"
	"github.com/istio-egress/istio-egress/render"
)

// Every entry's example fails with the entry's id, its repair does not, and neither yields an id without an entry.
func TestCatalogueExamples(t *testing.T) {
	for _, id := range catalogue.IDs() {
		t.Run(id, func(t *testing.T) {
			entry, err := catalogue.Find(id)
			if err != nil {
				t.Fatal(err)
			}
			checkText(t, entry)
			failing := lintExamples(t, entry, entry.Fails)
			if !slices.ContainsFunc(failing, func(f lint.Finding) bool { return f.ID == id }) {
				t.Errorf("the example does not fail with %s: %v", id, ids(failing))
			}
			for _, finding := range failing {
				if finding.ID == id && !strings.Contains(entry.Severity, string(finding.Severity)) {
					t.Errorf("severity %s, documented as %s", finding.Severity, entry.Severity)
				}
				if finding.ID == id && finding.Position.Line == 0 {
					t.Errorf("no place: %+v", finding)
				}
			}
			for _, finding := range lintExamples(t, entry, entry.Repair) {
				t.Errorf("the repair is not clean: %s %s: %s", finding.ID, finding.Position, finding.Message)
			}
			for _, finding := range failing {
				if _, err := catalogue.Find(finding.ID); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func checkText(t *testing.T, entry catalogue.Entry) {
	t.Helper()
	sources := []string{catalogue.Schema, catalogue.Chart, catalogue.YAML, catalogue.Linter, catalogue.Releases, catalogue.Manifest}
	if !slices.Contains(sources, entry.Source) || !slices.Contains([]string{"error", "warning", "warning or error"}, entry.Severity) {
		t.Errorf("source %q, severity %q", entry.Source, entry.Severity)
	}
	if len(entry.Fails) == 0 || len(entry.Repair) == 0 || len(entry.Title()) < 20 || !strings.HasPrefix(entry.Text, "# "+entry.ID+"\n") {
		t.Errorf("the entry lacks a heading, a sentence, an example or its repair")
	}
}

func ids(findings []lint.Finding) []string {
	var all []string
	for _, finding := range findings {
		all = append(all, finding.ID)
	}
	return all
}

func lintExamples(t *testing.T, entry catalogue.Entry, examples []catalogue.Example) []lint.Finding {
	t.Helper()
	options := lint.Options{ArgoCD: slices.Contains(entry.Flags, "--argocd"), DNSCapture: slices.Contains(entry.Flags, "--dns-capture")}
	directory := t.TempDir()
	var releases []lint.Release
	var paths []string
	for i, example := range examples {
		path := filepath.Join(directory, strconv.Itoa(i)+".yaml")
		if err := os.WriteFile(path, []byte(expand(t, example)), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
		if strings.HasSuffix(example.Info, " later") { // than the one before it, as by another -f
			values := &releases[len(releases)-1].Values
			values.Files = append(values.Files, path)
			continue
		}
		release := lint.Release{Values: render.ValuesOptions{Files: []string{path}}}
		release.SkipSchemaValidation = slices.Contains(entry.Flags, "--skip-schema-validation")
		if _, label, ok := strings.Cut(example.Info, "release "); ok {
			release.Label = label
		}
		releases = append(releases, release)
	}
	var findings []lint.Finding
	var err error
	if strings.HasSuffix(examples[0].Info, "manifest") {
		findings, _, err = manifests.Lint(paths, nil, options)
	} else {
		findings, err = lint.Releases(load(t), releases, options)
	}
	if err != nil {
		t.Fatal(err)
	}
	return findings
}

var repeatInfo = regexp.MustCompile(`repeat=(\d+)`)

// expand writes out what an abridged example stands for: each block with NUMBER or LOW in its first line so many times.
func expand(t *testing.T, example catalogue.Example) string {
	t.Helper()
	match := repeatInfo.FindStringSubmatch(example.Info)
	if match == nil {
		return example.Text
	}
	times, err := strconv.Atoi(match[1])
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	lines := strings.SplitAfter(example.Text, "\n")
	for i := 0; i < len(lines); i++ {
		if !strings.Contains(lines[i], "NUMBER") && !strings.Contains(lines[i], "LOW") {
			text.WriteString(lines[i])
			continue
		}
		block := lines[i]
		for i+1 < len(lines) && indent(lines[i+1]) > indent(lines[i]) && !strings.HasPrefix(strings.TrimSpace(lines[i]), "- {") {
			block += lines[i+1]
			lines = slices.Delete(lines, i+1, i+2)
		}
		for n := range times {
			number := strconv.Itoa(1000 + n)[1:]
			if times > 1000 {
				number = strconv.Itoa(n)
			}
			text.WriteString(strings.NewReplacer("NUMBER", number, "HIGH", strconv.Itoa(n/250), "LOW", strconv.Itoa(n%250+1)).Replace(block))
		}
	}
	return text.String()
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

func load(t testing.TB) *render.Chart {
	t.Helper()
	chart, err := render.Load()
	if err != nil {
		t.Fatal(err)
	}
	return chart
}

// Every id in the chart's templates, in the Go code and among the schema's is documented, and nothing else is.
func TestCatalogueIsComplete(t *testing.T) {
	used := map[string]bool{}
	for _, id := range []string{
		render.FindingUnknownField, render.FindingType, render.FindingEnum, render.FindingPattern,
		render.FindingRequired, render.FindingRange, render.FindingConflict,
		render.FindingSecret, render.FindingManifest, render.FindingParent,
	} {
		used[id] = true
	}
	for pattern, id := range map[string]*regexp.Regexp{
		"../charts/istio-egress/templates/*": regexp.MustCompile(`"id" "([^"]+)"`),
		"*.go":                               regexp.MustCompile(`\bid[A-Z]\w* += "([^"]+)"`),
		"../position/fault.go":               regexp.MustCompile(`\bFault[A-Z]\w* += "([^"]+)"`),
		"manifests/check_*.go":               regexp.MustCompile(`"(manifest-[a-z0-9-]+)"`),
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, name := range files {
			for _, match := range id.FindAllStringSubmatch(read(t, name), -1) {
				used[match[1]] = true
			}
		}
	}
	documented := catalogue.IDs()
	for id := range used {
		if !slices.Contains(documented, id) {
			t.Errorf("%s is used and has no entry in lint/catalogue/entries", id)
		}
	}
	for _, id := range documented {
		if !used[id] {
			t.Errorf("lint/catalogue/entries/%s.md documents an id that nothing uses", id)
		}
	}
}

func read(t testing.TB, name string) string {
	t.Helper()
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return ""
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestCatalogueSuggests(t *testing.T) {
	for id, want := range map[string]string{
		"shared-tsl":             `"shared-tsl": no such id; did you mean shared-tls?`,
		"nothing-like-any-of-it": `"nothing-like-any-of-it": no such id; render lint --explain list shows all`,
	} {
		_, err := catalogue.Find(id)
		if err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", id, err, want)
		}
	}
}
