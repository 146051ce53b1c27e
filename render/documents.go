package render

import (
	"cmp"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/internal/fastyaml"
)

// readDocuments splits a rendered file into documents and reads their heads. Helm decodes every document for its kind;
// here only those that internal/fastyaml does not read are decoded, by Helm.
func readDocuments(template, text string) ([]Document, error) {
	contents, ok := splitDocuments(text)
	if !ok {
		return nil, errLeaveToHelm
	}
	documents := make([]Document, 0, len(contents))
	for _, content := range contents {
		if head, ok := readHead(content); ok {
			documents = append(documents, Document{
				Template: template, Content: content,
				APIVersion: head.APIVersion, Kind: head.Kind, Namespace: head.Namespace, Name: head.Name,
			})
			continue
		}
		// Helm leaves out a hook for an event that it does not know.
		sorted, err := sortWithHelm(map[string]string{template: content})
		if err != nil {
			return nil, err
		}
		documents = append(documents, sorted...)
	}
	return documents, nil
}

// readHead reads the head of a document that is no hook.
func readHead(content string) (fastyaml.Head, bool) {
	if strings.Contains(content, "helm.sh/hook") {
		return fastyaml.Head{}, false
	}
	return fastyaml.ReadHead(content)
}

// inInstallOrder orders the documents of all files as Helm does: by kind, and within a kind by the file's name. Hooks
// come last.
func inInstallOrder(files []executedFile) []Document {
	slices.SortFunc(files, func(a, b executedFile) int { return cmp.Compare(a.name, b.name) })
	rank := map[string]int{}
	for i, kind := range installOrder() {
		rank[kind] = i - len(installOrder()) // before the kinds without a rank
	}
	type position struct {
		document          *Document
		index, hook, rank int
	}
	var order []position
	for _, file := range files {
		order = slices.Grow(order, len(file.documents))
		for i := range file.documents {
			d := &file.documents[i]
			at := position{document: d, index: len(order), rank: rank[d.Kind]}
			if d.Hook {
				at.hook = 1
			}
			order = append(order, at)
		}
	}
	slices.SortFunc(order, func(a, b position) int {
		return cmp.Or(a.hook-b.hook, a.rank-b.rank, cmp.Compare(a.document.Kind, b.document.Kind), a.index-b.index)
	})
	sorted := make([]Document, len(order))
	for i, p := range order {
		sorted[i] = *p.document
	}
	return sorted
}
