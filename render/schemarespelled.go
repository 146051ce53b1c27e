package render

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// respelled finds the text that was meant, if it differs by its spelling alone: upper case, white space, an underscore, a URL
// in place of its host, a duration in words.
func (w wrongValue) respelled() (string, bool) {
	text := w.text()
	candidates := spellings(text)
	if last := len(w.at) - 1; last >= 0 && w.at[last].Key == "credentialName" && strings.Contains(text, "/") { // namespace/name
		candidates = []string{strings.ToLower(text), text[strings.LastIndexByte(text, '/')+1:]}
	}
	for _, candidate := range candidates {
		if w.at.String() == "clusterDomain" {
			candidate = behindSvc.ReplaceAllString(candidate, "")
		}
		if candidate != text && candidate != "" && w.accepts(w.location, candidate) {
			return candidate, true
		}
	}
	return "", false
}

// behindSvc matches what the chart refuses before a domain (cluster-domain).
var behindSvc = regexp.MustCompile(`^(.*\.)?svc(\.|$)`)

var wordsAlone = regexp.MustCompile(`^[A-Za-z0-9_. -]+$`)

func spellings(text string) []string {
	trimmed := strings.Trim(text, " \t\r\n\"'“”‘’\u00a0\u200b\ufeff")
	lower := strings.ToLower(trimmed)
	all := []string{trimmed, lower, serviceOf(lower), strings.TrimSuffix(lower, "."), durationOf(lower), hostOf(lower), wildcardOf(lower), strings.Trim(lower, ". "), strings.ToUpper(trimmed), withoutSpaces(trimmed)}
	if wordsAlone.MatchString(text) {
		all = append(all, strings.Trim(strings.NewReplacer("_", "-", " ", "-", ".", "-").Replace(lower), "-"))
	}
	return all
}

// withoutSpaces joins what commas separate.
func withoutSpaces(text string) string {
	if !strings.Contains(text, ",") {
		return ""
	}
	return strings.Join(strings.Fields(text), "")
}

var serviceInCluster = regexp.MustCompile(`^([a-z0-9-]+)\.[a-z0-9-]+\.svc(?:\.|$)`)

// serviceOf is the service of a full name inside the cluster.
func serviceOf(text string) string {
	if match := serviceInCluster.FindStringSubmatch(text); match != nil {
		return match[1]
	}
	return ""
}

var hostInURL = regexp.MustCompile(`^(?:[a-z][a-z0-9+.-]*://)?(?:[^/@]*@)?([a-z0-9.-]+)(?::[0-9]+)?(?:[/?#].*)?$`)

// hostOf is the host of a URL, or of a host with a port.
func hostOf(text string) string {
	match := hostInURL.FindStringSubmatch(text)
	if match == nil || match[1] == text {
		return ""
	}
	return strings.TrimSuffix(match[1], ".")
}

// wildcardOf is a wildcard with the dot that it lacks.
func wildcardOf(text string) string {
	if below, found := strings.CutPrefix(text, "*"); found {
		return "*." + strings.TrimPrefix(below, ".")
	}
	return ""
}

var (
	durationWords = regexp.MustCompile(`^([0-9]+(?:\.[0-9]+)?)\s*([a-z]*)$`)
	unitsOfTime   = map[string]string{
		"": "s", "s": "s", "sec": "s", "secs": "s", "second": "s", "seconds": "s", "ms": "ms", "msec": "ms", "millisecond": "ms", "milliseconds": "ms",
		"m": "m", "min": "m", "mins": "m", "minute": "m", "minutes": "m", "h": "h", "hr": "h", "hour": "h", "hours": "h",
	}
)

// durationOf is a number with a unit in words, or without one: seconds.
func durationOf(text string) string {
	match := durationWords.FindStringSubmatch(text)
	if match == nil {
		return ""
	}
	if days, err := strconv.Atoi(match[1]); err == nil && slices.Contains([]string{"d", "day", "days"}, match[2]) {
		return fmt.Sprintf("%dh", 24*days)
	}
	if unitsOfTime[match[2]] == "" {
		return ""
	}
	return match[1] + unitsOfTime[match[2]]
}
