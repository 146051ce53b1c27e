package output_test

import (
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/golden"
	"github.com/istio-egress/istio-egress/lint"
	"github.com/istio-egress/istio-egress/lint/output"
)

func TestTextInColour(t *testing.T) {
	golden.Equal(t, "testdata/color.text", write(t, "text", findings, output.Options{Color: true, Strict: true}))
}

func TestTextKeepsControlCharactersOut(t *testing.T) {
	text := write(t, "text", findings, output.Options{})
	if strings.ContainsAny(text, "\x1b\r") {
		t.Errorf("control characters in %q", text)
	}
	if want := 5 + 3 + 3 + 1; strings.Count(text, "\n") != want {
		t.Errorf("%d lines, want %d: a finding is one line", strings.Count(text, "\n"), want)
	}
}

func TestTextPrintsReplacementsOnce(t *testing.T) {
	text := write(t, "text", []lint.Finding{findings[2], findings[2]}, output.Options{})
	if strings.Count(text, "- name: api") != 1 || strings.Count(text, "as above") != 1 {
		t.Errorf("got\n%s", text)
	}
}
