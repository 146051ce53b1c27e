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
	names := make([]string, 0, len(texts))
	for name := range texts {
		names = append(names, name)
	}
	slices.Sort(names)

	var manifests, hooks []Document
	for _, name := range names {
		if strings.HasPrefix(path.Base(name), "_") {
			continue
		}
		contents, ok := splitDocuments(texts[name])
		if !ok {
			return nil, errLeaveToHelm
		}
		for _, content := range contents {
			documents, err := readDocument(name, content)
			if err != nil {
				return nil, err
			}
			for _, d := range documents {
				if d.Hook {
					hooks = append(hooks, d)
				} else {
					manifests = append(manifests, d)
				}
			}
		}
	}
	return append(inInstallOrder(manifests), inInstallOrder(hooks)...), nil
}

// readDocument returns the document; none for a hook of a kind that Helm does not know.
func readDocument(template, content string) ([]Document, error) {
	if !strings.Contains(content, "helm.sh/hook") {
		if head, ok := plainyaml.ReadHead(content); ok {
			return []Document{{
				Template: template, Content: content,
				APIVersion: head.APIVersion, Kind: head.Kind, Namespace: head.Namespace, Name: head.Name,
			}}, nil
		}
	}
	return sortWithHelm(map[string]string{template: content})
}

// inInstallOrder sorts by kind and keeps the order within a kind.
func inInstallOrder(documents []Document) []Document {
	rank := map[string]int{}
	for i, kind := range installOrder() {
		rank[kind] = i - len(installOrder()) // before the kinds without a rank
	}
	byKind := map[string][]Document{}
	var kinds []string
	for _, d := range documents {
		if _, seen := byKind[d.Kind]; !seen {
			kinds = append(kinds, d.Kind)
		}
		byKind[d.Kind] = append(byKind[d.Kind], d)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		return cmp.Or(cmp.Compare(rank[a], rank[b]), cmp.Compare(a, b))
	})
	sorted := make([]Document, 0, len(documents))
	for _, kind := range kinds {
		sorted = append(sorted, byKind[kind]...)
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
