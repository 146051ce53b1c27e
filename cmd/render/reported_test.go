package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What people reported, and what a search for values that do something else found: each row is what render lint is called
// with, and all that it has to say, as line, severity and id; --set has no line. What is accepted has nothing.
var reported = []struct {
	args string
	want []string
}{
	// The closed form is right where the open one sent plaintext, took others' calls, or knew no SNI.
	{"-f closed-for-other-namespaces.yaml", nil},
	{"-f closed-for-other-namespaces.yaml --set externalNameServices[0].serviceType=ExternalName", []string{"3 error host-declared-otherwise", "warning fails-open"}},
	{"-f two-labels.yaml", nil},
	{"-f two-labels.yaml --set serviceType=ExternalName", []string{"2 warning external-name-two-labels", "warning fails-open"}},
	{"-f header-of-two-lines.yaml", []string{"6 error schema-pattern"}},
	{"-f sni.yaml", nil},
	{"-f sni.yaml --set serviceType=ExternalName", []string{"error sni-not-external-name"}},
	{"-f everybody-else.yaml", []string{"2 warning client-certificate-visible", "6 warning mutual-files-mount", "6 warning insecure-skip-verify"}},
	{"-f newer-istio.yaml", []string{"7 warning newer-istio", "8 warning newer-istio"}},
	{"-f alias-of-alias.yaml", []string{"3 error alias-of-alias"}},

	// With the schema skipped, the chart itself refuses.
	{"--skip-schema-validation -f injected-namespace.yaml", []string{"3 error without-schema"}},
	{"--skip-schema-validation -f schema-skipped.yaml", []string{
		"5 error without-schema", "9 error without-schema", "12 error without-schema", "16 error without-schema", "16 error without-schema", "17 error without-schema",
	}},

	// Lists replace, maps merge.
	{"-f layers-base.yaml -f layers-list.yaml", []string{"1 warning list-replaced"}},
	{"-f layers-list.yaml -f layers-list-2.yaml", []string{"1 warning list-replaced"}},
	{"-f layers-base.yaml -f layers-maps.yaml", nil},

	// What is written otherwise elsewhere.
	{"-f switched-off.yaml", []string{"1 error schema-conflict"}},
	{"-f switched-off.yaml --set enabled=true", nil},
	{"-f entry-switched-off.yaml", []string{"3 error schema-conflict"}},
	{"-f template.yaml", []string{"3 error external-name-invalid", "6 error schema-pattern"}},
	{"-f anchors.yaml", []string{"1 error schema-unknown-field"}},
	{"-f slips.yaml", []string{
		"4 error schema-type", "4 error schema-type", "5 error schema-enum", "7 error external-name-invalid", "8 error schema-pattern", "9 error schema-type",
		"11 error schema-unknown-field", "12 error schema-unknown-field", "13 error schema-unknown-field", "14 error schema-enum",
		"15 error yaml-key", "16 warning external-name-two-labels", "17 error schema-type", "18 error schema-type",
	}},

	// Manifests that people wrote by hand.
	{"--manifests entry-for-an-alias.yaml", []string{"18 error manifest-entry-for-service"}},
	{"--manifests entry-for-a-service.yaml", []string{"11 error manifest-entry-for-service"}},
	{"--manifests no-name-verified.yaml", []string{"17 error manifest-tcp-names"}},
	{"--manifests start-tls.yaml", []string{"17 warning manifest-start-tls"}},
	{"--manifests tls-to-port-80.yaml", []string{"18 warning manifest-tls-to-plaintext-port"}},
	{"--manifests route-undeclared.yaml", []string{"20 warning manifest-route-undeclared"}},
	{"--manifests timeout-for-https.yaml", []string{"16 warning manifest-route-protocol"}},
	{"--manifests two-namespaces.yaml", []string{"5 warning manifest-host-namespaces"}},
	{"--manifests rewrite-without-sni.yaml", []string{"15 warning manifest-sni"}},
	{"--manifests dns-capture.yaml", []string{"10 error manifest-tcp-addresses"}},
	{"--manifests dns-capture.yaml --dns-capture", nil},
	{"--manifests one-host-two-entries.yaml", nil},
}

var findingLine = regexp.MustCompile(`^[^:]*:(?:(\d+):\d+:)? (error|warning): .* \[([a-z0-9-]+)\]$`)

func TestReportedInputs(t *testing.T) {
	t.Chdir(filepath.Join("testdata", "reported"))
	used := map[string]bool{}
	for _, row := range reported {
		args := strings.Fields(row.args)
		for _, arg := range args {
			used[arg] = true
		}
		status, stdout, stderr := execute("", append([]string{"lint", "-q"}, args...)...)
		var found []string
		for line := range strings.Lines(stdout) {
			if match := findingLine.FindStringSubmatch(strings.TrimSpace(line)); match != nil {
				found = append(found, strings.TrimSpace(strings.Join(match[1:], " ")))
			}
		}
		refused := slices.ContainsFunc(row.want, func(line string) bool { return strings.Contains(line, "error ") })
		if !slices.Equal(found, row.want) || refused != (status == exitRefused) || stderr != "" {
			t.Errorf("render lint %s: status %d, found %q, want %q\n%s%s", row.args, status, found, row.want, stdout, stderr)
		}
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !used[file.Name()] {
			t.Errorf("no row has %s", file.Name())
		}
	}
}
