package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/internal/golden"
)

func TestExplain(t *testing.T) {
	for name, args := range map[string][]string{
		"tls":            {"http://my-httpbin/headers"},
		"mutual":         {"--from", "shop/app=checkout", "http://risk/score"},
		"other workload": {"--from", "shop/app=cart", "http://risk/score"},
		"as is":          {"https://search.vendor.example"},
		"plaintext":      {"http://old-erp:8080/orders"},
		"unverified":     {"http://partner/"},
		"tcp":            {"tcp://ledger-db:5432"},
		"verbose":        {"-v", "http://my-httpbin/"},
		"no sidecar":     {"--no-sidecar", "http://my-httpbin/"},
		"unknown":        {"http://unknown.example/"},
		"blocked":        {"--registry-only", "http://unknown.example/"},
		"address":        {"--address", "203.0.113.9", "tcp://ledger-db:5432"},
		"several":        {"http://my-httpbin/", "tcp://ledger-db:5432"},
		"all":            {"--all"},
		"expectations":   {"--all", "-o", "expectations"},
	} {
		t.Run(name, func(t *testing.T) {
			got := answer(t, append([]string{"-f", shop, "-n", "shop"}, args...)...)
			golden.Equal(t, filepath.Join("testdata", "explain", strings.ReplaceAll(name, " ", "-")+".txt"), got)
		})
	}
}

// Keys of labels are the schema's business alone.
func TestWithoutTheSchema(t *testing.T) {
	const values = "externalNameServices: {api: {externalName: api.example.com, ports: [{name: http, port: 80}], tls: {mode: DISABLE}, labels: {a b: x}}}\n"
	args := []string{"-f", "-", "http://api/"}
	if status, _, stderr := execute(t, values, args...); status != exitNoAnswer || !strings.Contains(stderr, "[schema-") {
		t.Errorf("with the schema: status %d: %s", status, stderr)
	}
	if status, stdout, stderr := execute(t, values, append(args, "--skip-schema-validation")...); status != exitOK || !strings.Contains(stdout, "to api.example.com:80") {
		t.Errorf("without the schema: status %d: %s%s", status, stdout, stderr)
	}
}

// Each of these traps is one that people fall into, and istioctl analyze says nothing of most: test/e2e/analyze.
func TestTraps(t *testing.T) {
	traps := map[string]struct{ from, url, verdict string }{
		"01-alias-rule":                  {"default", "http://my-httpbin/", "PASSTHROUGH"},
		"02-credential-without-selector": {"default", "http://api.payments.example/", "SENT_PLAINTEXT"},
		"03-sni-alone":                   {"default", "http://httpbin.org/", "SENT_TLS"},
		"04-tcp-without-addresses":       {"default", "tcp://other.example:5432", "SENT_PLAINTEXT"},
		"05-port-level-settings":         {"default", "http://erp.corp.example/", "SENT_PLAINTEXT"},
		"06-mesh-wide-mutual":            {"default", "https://httpbin.org/", "SENT_MESH_MTLS"},
		"07-selector-of-others":          {"default/app=cart", "http://risk.vendor.example/", "SENT_PLAINTEXT"},
		"08-trailing-dot":                {"default", "http://my-httpbin/", "PASSTHROUGH"},
		"09-two-entries":                 {"default", "http://httpbin.org/", "SENT_TLS"},
		"10-rule-not-exported":           {"shop", "http://httpbin.org/", "SENT_PLAINTEXT"},
	}
	files, err := filepath.Glob("testdata/traps/*.yaml")
	if err != nil || len(files) != len(traps) {
		t.Fatalf("%d files, %d traps: %v", len(files), len(traps), err)
	}
	for name, trap := range traps {
		t.Run(name, func(t *testing.T) {
			args := []string{"--with", filepath.Join("testdata", "traps", name+".yaml"), "--from", trap.from, trap.url}
			var got struct{ Verdict string }
			decode(t, answer(t, append(args, "-o", "json")...), &got)
			if got.Verdict != trap.verdict {
				t.Errorf("%s, want %s", got.Verdict, trap.verdict)
			}
			golden.Equal(t, filepath.Join("testdata", "traps", name+".txt"), answer(t, args...))
		})
	}
}

func decode(t *testing.T, text string, into any) {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(text))
	if err := decoder.Decode(into); err != nil {
		t.Fatalf("%v:\n%s", err, text)
	}
}

// The rule that Istio's task shows is blocked, not merely unknown, where only declared destinations are let out.
func TestTheAliasRuleIsBlockedUnderRegistryOnly(t *testing.T) {
	args := []string{"--with", "testdata/traps/01-alias-rule.yaml", "http://my-httpbin/", "-o", "json"}
	var got struct{ Verdict string }
	decode(t, answer(t, append(args, "--registry-only")...), &got)
	if got.Verdict != "BLOCKED" {
		t.Error(got.Verdict)
	}
}

func TestJSONIsOneObjectForOneCall(t *testing.T) {
	args := []string{"-f", shop, "-n", "shop", "-o", "json", "http://my-httpbin/"}
	golden.Equal(t, "testdata/explain/one.json", answer(t, args...))
	var several []struct{ Verdict string }
	decode(t, answer(t, append(args, "tcp://ledger-db:5432")...), &several)
	if len(several) != 2 || several[1].Verdict != "SENT_TLS" {
		t.Error(several)
	}
}

const meshOfOldRelease = `apiVersion: v1
kind: List
items:
  - apiVersion: networking.istio.io/v1
    kind: DestinationRule
    metadata: {name: by-hand, namespace: shop, creationTimestamp: "2025-01-01T00:00:00Z"}
    spec: {host: httpbin.org, trafficPolicy: {tls: {mode: SIMPLE}}}
  - {apiVersion: v1, kind: Secret, metadata: {name: s, namespace: shop}, data: {a: c2VjcmV0}}
`

// What is in the cluster counts too; kinds that have no part are counted, and Secrets not read.
func TestWithManifestsOfTheCluster(t *testing.T) {
	status, stdout, stderr := execute(t, meshOfOldRelease, "-f", shop, "-n", "shop", "--with", "-", "http://httpbin.org/")
	if status != exitOK || !strings.Contains(stderr, "1 Secret") || strings.Contains(stdout+stderr, "c2VjcmV0") {
		t.Fatalf("status %d: %s%s", status, stdout, stderr)
	}
	if !strings.Contains(stdout, "DestinationRule shop/by-hand  <- <stdin>:4") {
		t.Error(stdout)
	}
}

func TestAllTellsOfEveryName(t *testing.T) {
	var lines []string
	for line := range strings.Lines(answer(t, "-f", shop, "-n", "shop", "--all")) {
		lines = append(lines, strings.Fields(line)[1])
	}
	for _, url := range []string{"http://my-httpbin/", "http://risk/", "https://search", "http://old-erp:8080/", "tcp://ledger-db:5432"} {
		if !slices.Contains(lines, url) {
			t.Errorf("%s is not told of: %q", url, lines)
		}
	}
}

// A last dot, which keeps a name from being searched for, is sent in no SNI.
func TestNoSNIEndsWithADot(t *testing.T) {
	values := write(t, `
externalHosts:
  - {name: vendor, hosts: [api.vendor.example], ports: [{name: https, port: 443}], tls: {mode: DISABLE}}
`)
	if got := answer(t, "-f", values, "--registry-only", "https://api.vendor.example./"); !strings.Contains(got, "leaves in the workload's own TLS to api.vendor.example:443") {
		t.Error(got)
	}
}
