package lint

import (
	"fmt"
	"slices"

	"github.com/istio-egress/istio-egress/lint/catalogue"
)

// CheckDisable refuses ids that do not exist, and those of what the chart refuses: a clean lint would promise too much.
func CheckDisable(ids []string) error {
	for _, id := range ids {
		entry, err := catalogue.Find(id)
		if err != nil {
			return fmt.Errorf("disable: %w", err)
		}
		if !entry.Silenceable() {
			return fmt.Errorf("disable: %s is refused by the chart, whatever the linter says: correct the values", id)
		}
	}
	return nil
}

// Disable leaves out findings with the ids.
func Disable(findings []Finding, ids []string) []Finding {
	return slices.DeleteFunc(findings, func(finding Finding) bool { return slices.Contains(ids, finding.ID) })
}
