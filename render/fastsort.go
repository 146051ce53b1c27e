package render

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/istio-egress/istio-egress/internal/plainyaml"
)

// sortDocuments splits rendered files into documents and orders them as Helm does, hooks last. Helm decodes every
// document for its kind; here only those that are not plain YAML are decoded, by Helm.
func sortDocuments(texts map[string]string) ([]Document, error) {
	documents, err := split(texts)
	if err != nil {
		return nil, err
	}
	errs := make([]error, len(documents))
	unknown := make([]bool, len(documents))
	inParallel(len(documents), func(i int) {
		documents[i], unknown[i], errs[i] = readDocument(documents[i].Template, documents[i].Content)
	})
	known := documents[:0]
	for i, err := range errs {
		if err != nil {
			return nil, err
		}
		if !unknown[i] {
			known = append(known, documents[i])
		}
	}
	return inInstallOrder(known), nil
}

// split returns the documents of all files, in the order of the files' names, with their heads not read.
func split(texts map[string]string) ([]Document, error) {
	names := make([]string, 0, len(texts))
	count := 0
	for name, text := range texts {
		if !strings.HasPrefix(path.Base(name), "_") {
			names = append(names, name)
			count += strings.Count(text, "\n---") + 1
		}
	}
	slices.Sort(names)
	documents := make([]Document, 0, count)
	for _, name := range names {
		contents, ok := splitDocuments(texts[name])
		if !ok {
			return nil, errLeaveToHelm
		}
		for _, content := range contents {
			documents = append(documents, Document{Template: name, Content: content})
		}
	}
	return documents, nil
}

// readDocument reads a document's head. A hook for an event that Helm does not know is unknown,
// and left out.
func readDocument(template, content string) (document Document, unknown bool, err error) {
	if !strings.Contains(content, "helm.sh/hook") {
		if head, ok := plainyaml.ReadHead(content); ok {
			return Document{
				Template: template, Content: content,
				APIVersion: head.APIVersion, Kind: head.Kind, Namespace: head.Namespace, Name: head.Name,
			}, false, nil
		}
	}
	documents, err := sortWithHelm(map[string]string{template: content})
	if err != nil || len(documents) == 0 {
		return Document{}, true, err
	}
	return documents[0], false, nil
}

// inInstallOrder sorts by kind and keeps the order within a kind. Hooks come last.
func inInstallOrder(documents []Document) []Document {
	rank := map[string]int{}
	for i, kind := range installOrder() {
		rank[kind] = i - len(installOrder()) // before the kinds without a rank
	}
	type position struct{ index, hook, rank int }
	order := make([]position, len(documents))
	for i, d := range documents {
		order[i] = position{index: i, rank: rank[d.Kind]}
		if d.Hook {
			order[i].hook = 1
		}
	}
	slices.SortFunc(order, func(a, b position) int {
		return cmp.Or(
			a.hook-b.hook, a.rank-b.rank, cmp.Compare(documents[a.index].Kind, documents[b.index].Kind), a.index-b.index)
	})
	sorted := make([]Document, len(documents))
	for i, p := range order {
		sorted[i] = documents[p.index]
	}
	return sorted
}

// splitDocuments splits a file where a line begins with "---", as Helm's regular expression
//
//	(?:^|\s*\n)---\s*
//
// does on the trimmed text, and trims the parts. It returns false for the odd texts whose parts Helm would read
// differently when it gets them alone: an empty document, or one that begins with a separator.
func splitDocuments(text string) ([]string, bool) {
	const separator = "---"
	text = strings.TrimSpace(text)
	text = strings.TrimPrefix(text, separator)
	var parts []string
	for text = trimLeft(text); text != ""; text = trimLeft(text) {
		part, rest, found := strings.Cut(text, "\n"+separator)
		content := strings.TrimSpace(part)
		if content == "" && part != "" || strings.HasPrefix(content, separator) {
			return nil, false
		}
		if content != "" {
			parts = append(parts, content)
		}
		if !found {
			break
		}
		text = rest
	}
	return parts, true
}

// trimLeft trims what \s matches.
func trimLeft(s string) string { return strings.TrimLeft(s, "\t\n\f\r ") }
