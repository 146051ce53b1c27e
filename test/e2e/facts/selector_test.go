//go:build e2e

package facts

import (
	"testing"

	"github.com/istio-egress/istio-egress/test/internal/mesh"
)

const selectedSpec = `
  host: ext.org
  workloadSelector: {matchLabels: {app: client}}
  trafficPolicy:
    portLevelSettings:
    - port: {number: 80}
      tls: {mode: MUTUAL, credentialName: client, sni: ext.org, subjectAltNames: [ext.org]}
    - port: {number: 443}
      tls: {mode: DISABLE}
`

var (
	selectedRule = destinationRule("ext-client", selectedSpec)
	selected     = mesh.Workload{Labels: map[string]string{"app": "client", "more": "labels"}}
	mutual       = toTLS + "tls sni=ext.org names=ext.org ca=kubernetes://client-cacert certificate=kubernetes://client host ext"
)

func TestSelectedRuleAloneLeavesTheOthersInPlaintext(t *testing.T) {
	objects := []string{alias, entry, selectedRule}
	fact{objects: objects, from: selected, calls: []call{{"http://ext", mutual}}}.check(t)
	fact{objects: objects, calls: []call{{"http://ext", plaintext + "ext"}}}.check(t)
}

func TestRuleForEverybodyElse(t *testing.T) {
	for name, objects := range map[string][]string{
		"selected first": {alias, entry, selectedRule, rule},
		"selected last":  {alias, entry, rule, selectedRule},
	} {
		t.Run(name, func(t *testing.T) {
			fact{objects: objects, from: selected, calls: []call{{"http://ext", mutual}, {"https://ext", tlsThrough}}}.check(t)
			fact{objects: objects, calls: []call{{"http://ext", originated + "ext"}, {"https://ext", tlsThrough}}}.check(t)
		})
	}
}

func TestSelectedRuleInheritsNothing(t *testing.T) {
	no80 := destinationRule("ext-client", `
  host: ext.org
  workloadSelector: {matchLabels: {app: client}}
  trafficPolicy:
    portLevelSettings:
    - port: {number: 443}
      tls: {mode: DISABLE}
`)
	fact{objects: []string{alias, entry, rule, no80}, from: selected, calls: []call{{"http://ext", plaintext + "ext"}}}.check(t)
}

func TestSelectedRuleStaysInItsNamespace(t *testing.T) {
	from := mesh.Workload{Namespace: "other", Labels: selected.Labels}
	fact{objects: []string{alias, entry, rule, selectedRule}, from: from, calls: []call{
		{"http://ext.default", originated + "ext.default"},
	}}.check(t)
}

// istiod merges a rule that is exported to "." into the selected one and drops
// it; the name of the namespace says the same and is kept.
func TestRuleForEverybodyElseExportedToADot(t *testing.T) {
	with := func(exportTo string) []string {
		return []string{alias, entry, selectedRule, destinationRule("ext", ruleSpec+"  exportTo: "+exportTo+"\n")}
	}
	fact{objects: with(`["."]`), calls: []call{{"http://ext", plaintext + "ext"}}}.check(t)
	for _, exportTo := range []string{"[default]", `["*"]`, "[default, other]"} {
		fact{objects: with(exportTo), calls: []call{{"http://ext", originated + "ext"}}}.check(t)
		fact{objects: with(exportTo), from: selected, calls: []call{{"http://ext", mutual}}}.check(t)
	}
}

func TestSelectedRuleMustNotBeExported(t *testing.T) {
	for _, exportTo := range []string{`["*"]`, "[other]", "[default, other]"} {
		refused(t, destinationRule("ext", selectedSpec+"  exportTo: "+exportTo+"\n"), "destination rule with workload selector cannot have")
	}
	for _, exportTo := range []string{`["."]`, "[default]"} {
		accepted(t, destinationRule("ext", selectedSpec+"  exportTo: "+exportTo+"\n"))
	}
}
