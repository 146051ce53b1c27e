package words

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Values can be keys and passwords, and messages end up in logs: what looks like one is not repeated in them.

// longest is how many characters of a value a message repeats.
const longest = 100

// begun is how many characters stand for a longer value.
const begun = 20

var (
	pemText     = regexp.MustCompile(`-----BEGIN(?:[^"]*?-----END[^-"]*-----|[^"]*)`)
	severalLine = regexp.MustCompile(`"(?:[^"\\]|\\[^nr])*\\[nr](?:[^"\\]|\\.)*"`)
	longRun     = regexp.MustCompile(fmt.Sprintf(`([^\s"]{%d})[^\s"]{%d,}`, begun, longest-begun+1))
	keyMaterial = regexp.MustCompile(`^[A-Za-z0-9+/_=-]*$`)
)

// Shown is a message without what nobody should read in a log: keys and certificates, texts of several lines, and the rest
// of values that are long. The chart's findings do the same (_findings.tpl).
func Shown(message string) string {
	if strings.Contains(message, "-----BEGIN") {
		message = pemText.ReplaceAllString(message, "(a key or certificate, not shown)")
	}
	if strings.Contains(message, `\n`) || strings.Contains(message, `\r`) {
		message = severalLine.ReplaceAllString(message, "(a text of several lines, not shown)")
	}
	if len(message) > longest {
		message = longRun.ReplaceAllString(message, "$1…")
	}
	return message
}

// Quote is a text in quotes for a sentence, or what it is where it should not be shown.
func Quote(text string) string {
	switch {
	case Secret(text) != "":
		return "a text that holds a " + Secret(text)
	case strings.ContainsAny(text, "\n\r"):
		return "a text of several lines"
	case utf8.RuneCountInString(text) > longest, len(text) >= 40 && keyMaterial.MatchString(text) && strings.ContainsAny(text, "0123456789"):
		return fmt.Sprintf("a text of %d characters", utf8.RuneCountInString(text))
	}
	return fmt.Sprintf("%q", text)
}

// decoded is what base64 of PEM holds, and other texts as they are.
func decoded(text string) string {
	const begin = "LS0tLS1CRUdJTi" // -----BEGIN
	if !strings.HasPrefix(text, begin) {
		return text
	}
	plain, _ := base64.StdEncoding.DecodeString(text) // what can be read before something that cannot
	return string(plain)
}

// Secret names what a text in PEM, or in base64 of it, holds: "private key" or "certificate"; empty for other texts.
func Secret(text string) string {
	switch _, after, found := strings.Cut(decoded(text), "-----BEGIN"); {
	case !found:
		return ""
	case strings.Contains(after, "PRIVATE KEY"):
		return "private key"
	default:
		return "certificate"
	}
}
