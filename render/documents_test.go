package render

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// The documents of whatever chart are told apart, read and ordered as Helm does.
func TestDocumentsAreHelms(t *testing.T) {
	for _, dir := range globbed(t, "testdata/charts/*") {
		chart := loadTestDir(t, dir)
		if chart.prepared == nil {
			continue
		}
		for name, values := range testValues(t, dir) {
			t.Run(name, func(t *testing.T) {
				coalesced, _ := coalesce(values, chart.helm.defaults())
				texts, err := chart.prepared.engine.(*textEngine).executeAll(t.Context(), coalesced, testRelease(t))
				if err != nil {
					return // there are no documents
				}
				// Helm 3 reads these differently when it gets them alone; all else is read here.
				left := name == "separators" && strings.HasPrefix(HelmVersion, "v3.")
				if read := sameDocuments(t, texts); read == left {
					t.Errorf("read here: %v", read)
				}
			})
		}
	}
}

// sameDocuments compares the documents of files with those that Helm finds, and tells whether they were read here.
func sameDocuments(t *testing.T, texts map[string]string) (read bool) {
	t.Helper()
	maps.DeleteFunc(texts, func(name, _ string) bool { return strings.HasSuffix(name, notesSuffix) })
	want, wantErr := sortWithHelm(maps.Clone(texts))
	var files []executedFile
	for name, text := range texts {
		documents, err := readDocuments(name, text)
		if err != nil {
			return wantErr != nil
		}
		files = append(files, executedFile{name: name, documents: documents})
	}
	if got := inInstallOrder(files); wantErr != nil || !slices.Equal(got, want) {
		t.Errorf("documents of %q:\n%q\nHelm's\n%q, %v", texts, got, want, wantErr)
	}
	return true
}

func FuzzDocuments(f *testing.F) {
	for _, text := range []string{
		"kind: A\n", "---\nkind: A\n---\nkind: Service\n", "kind: A\n  \n--- # comment\nkind: Namespace\n---", "a\n----\nb", "\n---\n\n---\n",
		"kind: A\r\n---\r\nkind: B\r\n", "metadata: {annotations: {helm.sh/hook: test}}\n---\nkind: Secret\n", "---\n---\nkind: A", "\u00a0\n---\n\u00a0",
		"data: |\n  ---\n ---\nkind: A\n", "---kind: A\n---kind: B", "kind: [\n---\nkind: B",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		sameDocuments(t, map[string]string{"chart/templates/a.yaml": text})
	})
}
