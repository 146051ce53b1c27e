package manifests_test

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/istio-egress/istio-egress/internal/randomtest"
	"github.com/istio-egress/istio-egress/internal/valuesgen"
	"github.com/istio-egress/istio-egress/lint"
)

// Whatever stands in a field, the linter ends, and every finding has a place.
func TestAnyValueOfAnyField(t *testing.T) {
	files := slices.Concat(inputs(t, "testdata/found/*.yaml"), inputs(t, "testdata/clean/*.yaml"))
	randomtest.Each(t, func(t *testing.T, random *rand.Rand) {
		file := files[random.IntN(len(files))]
		text := mutate(t, random, file)
		for _, finding := range lintWith(t, text, lint.Options{DNSCapture: random.IntN(2) == 0}) {
			if finding.Position.Line < 1 || finding.Position.Line > strings.Count(text, "\n")+1 {
				t.Errorf("%s: %+v\n%s", filepath.Base(file), finding, text)
			}
		}
	})
}

// mutate changes some values of a file's objects, and leaves some objects out.
func mutate(t *testing.T, random *rand.Rand, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var documents []string
	for document := range strings.SplitSeq(string(data), "---\n") {
		var object map[string]any
		if err := yaml.Unmarshal([]byte(document), &object); err != nil {
			t.Fatal(err)
		}
		if random.IntN(6) == 0 {
			continue
		}
		if spec, ok := object["spec"].(map[string]any); ok && random.IntN(2) == 0 {
			valuesgen.Change(random, spec)
		}
		text, err := yaml.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		documents = append(documents, string(text))
	}
	return strings.Join(documents, "---\n")
}
