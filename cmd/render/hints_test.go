package main

import (
	"strings"
	"testing"
)

func TestHints(t *testing.T) {
	for args, want := range map[string]string{
		"lnt":                            `unknown command "lnt": did you mean lint?`,
		"frobnicate":                     `unknown command "frobnicate" (render --help shows all)`,
		"--namspace a":                   "unknown flag --namspace: did you mean --namespace?",
		"lint --strickt":                 "unknown flag --strickt: did you mean --strict?",
		"lint --zzzzzzzz":                "unknown flag --zzzzzzzz (render lint --help shows all)",
		"version":                        "render (devel)",
		"__complete lint --format ":      "sarif\n",
		"__complete lint --disable argo": "argocd-endpoints\n",
	} {
		_, stdout, stderr := execute("", strings.Split(args, " ")...)
		if !strings.Contains(stdout+stderr, want) {
			t.Errorf("%s: got %s%s, want %s", args, stdout, stderr, want)
		}
	}
}

// A key that is given twice is refused by render too.
func TestKeyGivenTwice(t *testing.T) {
	status, stdout, stderr := execute(cleanValues+cleanValues, "-f", "-")
	if status != exitFailed || stdout != "" || !strings.Contains(stderr, `<stdin>: line 6: "externalNameServices" is given twice here`) {
		t.Errorf("status %d: %s%s", status, stdout, stderr)
	}
}
