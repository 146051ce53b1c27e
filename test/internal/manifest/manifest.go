// Package manifest compares what different commands print as manifests.
package manifest

import "strings"

// Documents splits manifests at their "---" lines. Empty lines around a
// document do not count: helm 4 writes one after each, helm 3 does not.
func Documents(manifests string) []string {
	var documents []string
	for document := range strings.SplitSeq("\n"+manifests, "\n---\n") {
		if document = strings.Trim(document, "\n"); document != "" {
			documents = append(documents, document)
		}
	}
	return documents
}
