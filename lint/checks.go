package lint

import (
	"fmt"

	"github.com/istio-egress/istio-egress/position"
)

// check finds what the chart accepts and a user should know. One per file.
type check func(*loadedRelease, Options) []Finding

var checks = []check{
	checkArgoCD,
	checkClientCertificateVisible,
	checkMutualFiles,
	checkNoEffect,
	checkProtocolContradiction,
	checkReleaseSize,
	checkRewriteHostOff,
	checkSelectorOverlap,
	checkTLSToPlaintextPort,
}

func runChecks(release *loadedRelease, options Options) []Finding {
	release.entries = readEntries(release)
	var findings []Finding
	for _, check := range checks {
		findings = append(findings, check(release, options)...)
	}
	return findings
}

func warning(id string, path position.Path, format string, args ...any) Finding {
	return Finding{ID: id, Severity: Warning, path: path, Message: fmt.Sprintf(format, args...)}
}

func (f Finding) relatedTo(paths ...position.Path) Finding {
	for _, path := range paths {
		f.Related = append(f.Related, Related{Path: path.String()})
	}
	return f
}
