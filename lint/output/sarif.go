package output

import (
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/catalogue"
	"github.com/istio-egress/istio-egress/position"
)

const homepage = "https://github.com/istio-egress/istio-egress"

// writeSARIF prints SARIF 2.1.0, for code scanning. The rules carry the catalogue's entries.
func writeSARIF(w io.Writer, findings []lint.Finding, o Options) error {
	run := sarif.NewRunWithInformationURI("istio-egress", homepage).WithColumnKind("unicodeCodePoints")
	if o.Version != "" {
		run.Tool.Driver.WithVersion(o.Version)
	}
	rules := map[string]int{}
	for _, finding := range findings {
		index, known := rules[finding.ID]
		if !known {
			index = len(rules)
			rules[finding.ID] = index
			addRule(run, finding.ID)
		}
		run.AddResult(result(finding, index))
	}
	report := sarif.NewReport()
	report.AddRun(run)
	if err := report.PrettyWrite(w); err != nil {
		return fmt.Errorf("write SARIF: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// addRule documents a rule. Another chart may have rules of its own, which the catalogue does not know.
func addRule(run *sarif.Run, id string) {
	rule := run.AddRule(id)
	if entry, err := catalogue.Find(id); err == nil {
		rule.WithDescription(entry.Title()).WithMarkdownHelp(entry.Text)
	}
}

func result(finding lint.Finding, rule int) *sarif.Result {
	level := sarif.LevelWarning
	if finding.Severity == lint.Error {
		level = sarif.LevelError
	}
	text := message(finding)
	if finding.Position.Flag != "" {
		text = finding.Position.Flag + ": " + text
	}
	if finding.Replacement != "" {
		text += "\n\nvalues that replace it:\n" + finding.Replacement
	}
	result := sarif.NewRuleResult(finding.ID).WithRuleIndex(rule).WithLevel(level).
		WithMessage(sarif.NewTextMessage(text)).
		WithLocations([]*sarif.Location{location(finding.Position, finding.Path)})
	for i, related := range finding.Related {
		place := location(related.Position, related.Path).WithID(i)
		if what := about(related); what != "" {
			place.WithMessage(sarif.NewTextMessage(what))
		}
		result.AddRelatedLocation(place)
	}
	return result
}

func location(at position.Position, path string) *sarif.Location {
	place := sarif.NewLocation()
	if path != "" {
		place.WithLogicalLocations([]*sarif.LogicalLocation{sarif.NewLogicalLocation().WithFullyQualifiedName(path)})
	}
	if at.File == "" {
		return place
	}
	physical := sarif.NewPhysicalLocation().WithArtifactLocation(sarif.NewSimpleArtifactLocation(uri(at.File)))
	if at.Line > 0 {
		physical.WithRegion(sarif.NewRegion().WithStartLine(at.Line).WithStartColumn(at.Column))
	}
	return place.WithPhysicalLocation(physical)
}

// uri of a file: relative names stay relative to where the linter ran, as code scanning wants them.
func uri(file string) string {
	if strings.HasPrefix(file, "<") { // standard input
		return strings.Trim(file, "<>")
	}
	path := filepath.ToSlash(filepath.Clean(file))
	if strings.HasPrefix(path, "/") {
		return (&url.URL{Scheme: "file", Path: path}).String()
	}
	return (&url.URL{Path: path}).String()
}
