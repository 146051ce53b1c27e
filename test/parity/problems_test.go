package parity

import "strings"

// problems are the lines of a refusal that name a problem each.
func problems(message string) []string {
	var lines []string
	for line := range strings.SplitSeq(message, "\n") {
		if strings.HasPrefix(line, "- ") {
			lines = append(lines, line)
		}
	}
	return lines
}
