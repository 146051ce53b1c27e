package output

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"path/filepath"

	"github.com/istio-egress/istio-egress/lint"
)

// codeQuality is an issue of GitLab's code quality report, which it shows in merge requests.
type codeQuality struct {
	Description string `json:"description"`
	CheckName   string `json:"check_name"`
	Fingerprint string `json:"fingerprint"` // the same for the same finding on another line, so that old ones are told from new ones
	Severity    string `json:"severity"`
	Location    struct {
		Path  string `json:"path"`
		Lines struct {
			Begin int `json:"begin"`
		} `json:"lines"`
	} `json:"location"`
}

// writeGitLab prints a code quality report: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
func writeGitLab(w io.Writer, findings []lint.Finding, _ Options) error {
	issues := make([]codeQuality, 0, len(findings))
	seen := map[string]int{}
	for _, finding := range findings {
		issue := codeQuality{Description: printable(message(finding)), CheckName: finding.ID, Severity: "minor"}
		if finding.Severity == lint.Error {
			issue.Severity = "critical"
		}
		issue.Location.Path = filepath.ToSlash(filepath.Clean(cmp.Or(finding.Position.File, "values.yaml")))
		issue.Location.Lines.Begin = max(finding.Position.Line, 1)
		issue.Fingerprint = fingerprint(finding, seen)
		issues = append(issues, issue)
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(issues)
}

// fingerprint names a finding by what it says and not by its line; the same ones of a file are counted.
func fingerprint(finding lint.Finding, seen map[string]int) string {
	hash := sha256.New()
	for _, part := range []string{finding.ID, finding.Position.File, finding.Release, finding.Object, finding.Path, finding.Message} {
		_, _ = io.WriteString(hash, part+"\x00") // a hash takes all
	}
	key := hex.EncodeToString(hash.Sum(nil))
	seen[key]++
	if seen[key] == 1 {
		return key
	}
	_, _ = hash.Write([]byte{byte(seen[key])})
	return hex.EncodeToString(hash.Sum(nil))
}
