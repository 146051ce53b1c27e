package main

import (
	"fmt"
	"strings"
)

const separator = "---\n# Source: "

// documents counts the documents that helm template printed.
func documents(manifest string) int { return strings.Count("\n"+manifest, "\n"+separator) }

// withoutEmptyLines makes the manifests of helm 3 and helm 4 the same: helm 4
// ends every document with an empty line.
func withoutEmptyLines(manifest string) string {
	return strings.TrimRight(strings.ReplaceAll(manifest, "\n\n"+separator, "\n"+separator), "\n")
}

// accepted reads kubeconform's summary: it must have checked every document,
// as one without a schema would be skipped in no time.
func accepted(summary string, documents int) (int, error) {
	wanted := fmt.Sprintf("Summary: %d resources found parsing stdin - Valid: %d, Invalid: 0, Errors: 0, Skipped: 0", documents, documents)
	if strings.TrimSpace(summary) != wanted {
		return 0, fmt.Errorf("kubeconform did not accept all %d objects: %.2000s", documents, summary)
	}
	return documents, nil
}
