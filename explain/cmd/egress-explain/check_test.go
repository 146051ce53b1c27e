package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/golden"
)

// The file says of some calls what is not so, and of one entry nothing.
const wrongCalls = "testdata/wrong.calls.yaml"

func TestCheckFails(t *testing.T) {
	for _, format := range []string{"text", "json", "junit", "github"} {
		status, stdout, stderr := execute(t, "", "-f", shop, "-n", "shop", "--check", wrongCalls, "-o", format)
		if status != exitUnlike || stderr != "" {
			t.Errorf("%s: status %d: %s", format, status, stderr)
		}
		golden.Equal(t, "testdata/check/wrong."+format+".txt", stdout)
	}
}

// What --all writes of today's state, holds today.
func TestExpectationsOfTodayHold(t *testing.T) {
	path := write(t, answer(t, "-f", shop, "-n", "shop", "--all", "-o", "expectations"))
	if got := answer(t, "-f", shop, "-n", "shop", "--check", path); got != "7 calls, all as expected\n" {
		t.Error(got)
	}
	path = write(t, answer(t, "-f", shop, "-n", "shop", "--registry-only", "--no-sidecar", "--all", "-o", "expectations"))
	answer(t, "-f", shop, "-n", "shop", "--check", path)
}

// The data plane of --all is that of --check, though only --all is told of it.
func TestExpectationsKeepTheirDataPlane(t *testing.T) {
	for _, tc := range []struct{ example, plane, written string }{
		{"ambient", "sidecar", "dataPlane: sidecar"},
		{"ambient", "ambient", ""}, // as the values say
		{"ambient-both", "ambient", "dataPlane: ambient"},
		{"ambient-both", "sidecar", ""},
		{"tls-origination", "ambient", "dataPlane: ambient"},
		{"tls-origination", "sidecar", ""},
	} {
		values := filepath.Join(examples, tc.example, "values.yaml")
		written := answer(t, "-f", values, "--data-plane", tc.plane, "--all", "-o", "expectations")
		lines := strings.Count(written, "{from: ")
		if said := strings.Count(written, "dataPlane: "); lines == 0 || tc.written == "" && said > 0 || tc.written != "" && strings.Count(written, tc.written) != lines {
			t.Errorf("%s, %s: want %q in each line:\n%s", tc.example, tc.plane, tc.written, written)
		}
		if got := answer(t, "-f", values, "--check", write(t, written)); !strings.Contains(got, ", all as expected\n") {
			t.Errorf("%s, %s: %s", tc.example, tc.plane, got)
		}
	}
}

// A change that weakens a promise fails, and the failure names the line.
func TestCheckSeesAChange(t *testing.T) {
	path := write(t, answer(t, "-f", shop, "-n", "shop", "--all", "-o", "expectations"))
	status, stdout, _ := execute(t, "", "-f", shop, "-n", "shop", "--set", "externalNameServices[0].tls.mode=DISABLE",
		"--set", "externalNameServices[0].ports[0].name=http,externalNameServices[0].ports[0].port=80", "--check", path)
	if status != exitUnlike || !strings.Contains(stdout, "verdict: expected SENT_TLS, got SENT_PLAINTEXT") {
		t.Errorf("status %d: %s", status, stdout)
	}
}

func TestCheckRefusesWhatItDoesNotKnow(t *testing.T) {
	for text, want := range map[string]string{
		"calls: [{to: http://a/, expects: {verdict: BLOCKED}}]":                  `calls[0].expects: unknown key "expects"`,
		"calls: [{to: http://a/, expect: {verdikt: BLOCKED}}]":                   `calls[0].expect.verdikt: unknown key "verdikt"`,
		"call: [{to: http://a/, expect: {verdict: BLOCKED}}]":                    `unknown key "call"`,
		"calls: [{to: http://a/, expect: {verdict: STOPPED}}]":                   `"STOPPED" is no verdict: write one of BLOCKED`,
		"calls: [{to: http://a/, expect: {}}]":                                   "nothing is expected",
		"calls: [{to: http://a/}]":                                               "want a map with the keys verdict",
		"calls: [{expect: {verdict: BLOCKED}}]":                                  "to is missing",
		"calls: [{to: a, expect: {verdict: BLOCKED}}]":                           `"a" is no URL`,
		"calls: [{to: http://a/, from: A, expect: {verdict: BLOCKED}}]":          `"A" is no namespace`,
		"calls: [{to: http://a/, registryOnly: 1, expect: {verdict: BLOCKED}}]":  "want true or false",
		"calls: [{to: http://a/, expect: {upstream: a:1}}]":                      "want a list",
		"calls: [{to: http://a/, expect: {verdict: BLOCKED, verdict: BLOCKED}}]": "verdict",
		"calls: []":   "no expectations",
		"calls: [":    "YAML",
		"- a: 1\n":    "file.yaml:1:1: ",
		"calls: {}\n": "no expectations",
	} {
		path := write(t, text)
		status, stdout, stderr := execute(t, "", "-f", shop, "--check", path)
		if status != exitNoAnswer || stdout != "" || !strings.Contains(stderr, want) || !strings.Contains(stderr, "file.yaml:1") && !strings.Contains(want, "no expectations") {
			t.Errorf("%s\nstatus %d, want %q, got %s%s", text, status, want, stdout, stderr)
		}
	}
}
