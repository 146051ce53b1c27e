package lint

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/istio-egress/istio-egress/lint/catalogue"
	"github.com/istio-egress/istio-egress/position"
)

const (
	idIgnoreUnused = "ignore-unused"
	idIgnoreReason = "ignore-without-reason"
)

// directive is a comment "# lint:ignore ID reason". It silences the id in the node that begins on its line, or on the
// line below when the comment stands alone.
type directive struct {
	id, reason string
	release    string
	at         position.Position
	from, to   int // lines
	used       bool
}

var directivePattern = regexp.MustCompile(`#[ \t]*lint:ignore(?:[ \t]+(\S+))?(?:[ \t]+(\S.*?))?[ \t\r]*$`)

// ignore leaves out what comments silence, and reports comments that silence nothing or give no reason.
func ignore(findings []Finding, releases []*loadedRelease) []Finding {
	directives := map[string][]*directive{} // by file
	var files []string
	for _, release := range releases {
		for i := range release.sources {
			s := &release.sources[i]
			if _, known := directives[s.name]; !known && s.file != nil {
				directives[s.name] = readDirectives(s, release.Label)
				files = append(files, s.name)
			}
		}
	}
	findings = slices.DeleteFunc(findings, func(finding Finding) bool {
		silenced := false
		for _, d := range directives[finding.Position.File] {
			if d.silences(finding) {
				d.used, silenced = true, true
			}
		}
		return silenced
	})
	for _, file := range files {
		for _, d := range directives[file] {
			findings = append(findings, d.findings()...)
		}
	}
	return findings
}

func (d *directive) silences(finding Finding) bool {
	if d.id != finding.ID || finding.Position.Line < d.from || finding.Position.Line > d.to {
		return false
	}
	entry, err := catalogue.Find(d.id)
	return err == nil && entry.Silenceable()
}

// findings are what is wrong with the comment itself.
func (d *directive) findings() []Finding {
	report := func(id, format string, args ...any) Finding {
		return Finding{ID: id, Severity: Warning, Release: d.release, Position: d.at, Message: fmt.Sprintf(format, args...)}
	}
	if d.id == "" {
		return []Finding{report(idIgnoreUnused, "lint:ignore names nothing: write # lint:ignore ID reason, or remove it")}
	}
	var findings []Finding
	entry, err := catalogue.Find(d.id)
	switch {
	case err != nil:
		findings = append(findings, report(idIgnoreUnused, "lint:ignore: %v", err))
	case !entry.Silenceable():
		findings = append(findings, report(idIgnoreUnused, "%s is refused by the chart and cannot be ignored: correct the values and remove the comment", d.id))
	case !d.used:
		findings = append(findings, report(idIgnoreUnused, "there is no %s here to ignore: remove the comment", d.id))
	}
	if d.reason == "" {
		findings = append(findings, report(idIgnoreReason, "say why %s is ignored: # lint:ignore %s reason", d.id, d.id))
	}
	return findings
}

// readDirectives finds the comments of a file. Most files have none, and cost one search.
func readDirectives(s *source, release string) []*directive {
	if !bytes.Contains(s.data, []byte("lint:ignore")) {
		return nil
	}
	var found []*directive
	lines := s.lines()
	inScalar := scalarLines(s, lines)
	for i, line := range lines {
		match := directivePattern.FindStringSubmatchIndex(line)
		if match == nil || inScalar[i+1] {
			continue
		}
		before := line[:match[0]]
		if before != "" && !strings.HasSuffix(before, " ") && !strings.HasSuffix(before, "\t") {
			continue // a # within a word begins no comment
		}
		target := i + 1
		if strings.TrimSpace(before) == "" {
			target = nodeLine(lines, i+1)
		}
		found = append(found, &directive{
			id: group(line, match, 1), reason: group(line, match, 2), release: release,
			from: target, to: max(target, s.file.LastLine(target)),
			at: position.Position{File: s.name, Line: i + 1, Column: utf8.RuneCountInString(before) + 1},
		})
	}
	return found
}

func group(text string, match []int, number int) string {
	if match[2*number] < 0 {
		return ""
	}
	return text[match[2*number]:match[2*number+1]]
}

// scalarLines are the lines where what looks like a directive is part of a string.
func scalarLines(s *source, lines []string) map[int]bool {
	inside := map[int]bool{}
	for _, scalar := range s.file.Scalars("lint:ignore") {
		count := 0
		for line := range strings.Lines(scalar.Value) {
			if directivePattern.MatchString(strings.TrimRight(line, "\n")) {
				count++
			}
		}
		for number := scalar.From; number <= len(lines) && count > 0; number++ {
			if directivePattern.MatchString(lines[number-1]) {
				inside[number] = true
				count--
			}
		}
	}
	return inside
}

// nodeLine is the line below a comment that stands alone; further comments may stand between.
func nodeLine(lines []string, comment int) int {
	for next := comment; next < len(lines); next++ {
		if !strings.HasPrefix(strings.TrimSpace(lines[next]), "#") {
			return next + 1
		}
	}
	return comment
}

// commentSays tells whether a comment at the value, from the line above it to its last, has the word in it.
func (r *loadedRelease) commentSays(path position.Path, word string) bool {
	place := r.place(path)
	for i := range r.sources {
		s := &r.sources[i]
		if s.name != place.Key.File || s.file == nil {
			continue
		}
		lines := s.lines()
		last := max(s.file.LastLine(place.Key.Line), place.Key.Line)
		for number := max(place.Key.Line-1, 1); number <= min(last, len(lines)); number++ {
			_, comment, found := strings.Cut(lines[number-1], "#")
			if found && strings.Contains(strings.ToLower(comment), word) {
				return true
			}
		}
	}
	return false
}
