package output_test

import (
	"strings"
	"testing"

	"github.com/istio-egress/istio-egress/lint/output"
)

func TestGitHubEscapes(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(write(t, "github", findings, output.Options{})), "\n")
	if len(lines) != len(findings) {
		t.Fatalf("%d lines for %d findings", len(lines), len(findings))
	}
	for i, want := range map[int]string{
		0: "::error file=team a/values.yaml,line=12,col=7,title=istio-egress shared-tls::externalNameServices[3].tls: other TLS settings: give both the same%0Asee ",
		1: "::error file=/abs/50%25%2Cb%3Ac.yaml,line=1,col=1,title=istio-egress release-object-twice::team-b/b: externalNameServices.api: 100%25 twice%0A",
		3: "::warning title=istio-egress schema-type::--set exportTo=a: exportTo: bad ",
	} {
		if !strings.HasPrefix(lines[i], want) {
			t.Errorf("got %s, want %s", lines[i], want)
		}
	}
}
